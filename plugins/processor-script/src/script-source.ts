import { readFileSync } from 'node:fs';
import { readErrorText } from '@millrace/api';
import { ScriptError } from './script-error.ts';
import type { ScriptSettings } from './script-settings.ts';

/** Functions that a script may have. */
export const BATCH_FUNCTIONS = ['logs', 'traces', 'metrics'] as const;
export const ITEM_FUNCTIONS = ['log', 'span', 'point'] as const;
export type FunctionName = (typeof BATCH_FUNCTIONS)[number] | (typeof ITEM_FUNCTIONS)[number];

/** A script as it was written, and where. */
export interface ScriptSource {
  /** The setting that it is in. */
  readonly key: 'code' | 'file' | 'log' | 'span' | 'point';
  /** What messages call it: the setting, or the file. */
  readonly name: string;
  readonly text: string;
  /** The text is the body of this function. */
  readonly bodyOf: { readonly name: FunctionName; readonly parameter: string } | undefined;
}

const PARAMETERS = { log: 'record', span: 'span', point: 'point' } as const;
const FILE_BYTES_MAX = 1024 * 1024;

/** The scripts of a configuration. @throws ScriptError for a file that cannot be read */
export function sourcesOf(settings: ScriptSettings): ScriptSource[] {
  const { code, file } = settings;
  const sources: ScriptSource[] = [];
  if (code !== undefined) sources.push({ key: 'code', name: 'code', text: code, bodyOf: undefined });
  if (file !== undefined) sources.push({ key: 'file', name: file, text: readScript(file), bodyOf: undefined });
  for (const name of ITEM_FUNCTIONS) {
    const text = settings[name];
    if (text !== undefined) sources.push({ key: name, name, text, bodyOf: { name, parameter: PARAMETERS[name] } });
  }
  return sources;
}

function readScript(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new ScriptError('file', `cannot read the script "${file}": ${readErrorText(cause)}`, { cause });
  }
  if (bytes.length > FILE_BYTES_MAX) {
    throw new ScriptError('file', `the script "${file}" has ${bytes.length} bytes; at most ${FILE_BYTES_MAX} are read`);
  }
  return new TextDecoder().decode(bytes);
}
