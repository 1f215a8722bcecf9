import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { ComponentError, messageOf, readErrorText } from '@millrace/api';
import { ConfigErrors, parseDuration } from '@millrace/config';
import { explain as explainInput, type Explanation, readInput } from '@millrace/rehearsal';
import { explanationJson } from '../display/explanation-json.ts';
import { explanationText } from '../display/explanation-text.ts';
import { paintFor } from '../display/paint.ts';
import { type ConfigOptions, printErrors, readConfig } from './read-config.ts';

export interface ExplainOptions extends ConfigOptions {
  /** A file, or `-` for the standard input. */
  readonly input: string;
  readonly receiver?: string;
  /** How long to wait for what is held, as a duration. */
  readonly wait: string;
  readonly output: 'text' | 'json';
}

/** Runs one input through the pipelines and prints what each component did to it. The result is the exit code. */
export async function explain(options: ExplainOptions): Promise<number> {
  const waitMs = parseDuration(options.wait);
  if (waitMs === undefined || waitMs < 0) {
    process.stderr.write(`error: --wait must be a duration such as 60s, got "${options.wait}"\n`);
    return 2;
  }
  const loaded = await readConfig(options);
  if (loaded === undefined) return 1;
  const { receiver } = options;
  const taken = new Set([...loaded.config.pipelines.values()].flatMap(({ receivers }) => receivers));
  if (receiver !== undefined && (!loaded.config.receivers.has(receiver) || !taken.has(receiver))) {
    const known = [...loaded.config.receivers.keys()].filter((id) => taken.has(id)).join(', ');
    process.stderr.write(`error: no pipeline uses a receiver "${receiver}"; there are ${known}\n`);
    return 1;
  }
  let explanation: Explanation;
  try {
    const { text, label, dir } = await readText(options.input);
    const payloads = await readInput(text, { label, dir });
    const from = receiver === undefined ? {} : { receiver };
    explanation = await explainInput({ config: loaded.config, payloads, waitMs, ...from });
  } catch (error) {
    if (error instanceof ConfigErrors) printErrors(error);
    else process.stderr.write(`error: ${withRemedy(error)}\n`);
    return 1;
  }
  const { stdout } = process;
  stdout.write(
    options.output === 'json' ? explanationJson(explanation) : explanationText(explanation, paintFor(stdout)),
  );
  return 0;
}

async function readText(input: string): Promise<{ text: string; label: string; dir: string }> {
  if (input === '-') return { text: await textOf(process.stdin), label: 'stdin', dir: '.' };
  try {
    return { text: await readFile(input, 'utf8'), label: input, dir: path.dirname(input) };
  } catch (error) {
    throw new Error(`cannot read the input "${input}": ${readErrorText(error)}`, { cause: error });
  }
}

function withRemedy(error: unknown): string {
  const remedy = error instanceof ComponentError ? error.remedy : undefined;
  return `${messageOf(error)}${remedy === undefined ? '' : `  ${remedy}`}`;
}
