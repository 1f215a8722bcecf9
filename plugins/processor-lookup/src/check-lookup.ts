import { accessSync, constants, statSync } from 'node:fs';
import { type ConfigFault, readErrorText, type Signal } from '@millrace/api';
import { explainError, OttlErrors } from '@millrace/ottl';
import { checkTls, checkUrl, namesTls } from '@millrace/transport';
import { compileKey, KEY_CONTEXTS } from './compile-key.ts';
import {
  type LookupRule,
  type LookupSettings,
  type SourceSettings,
  sourceSettings,
  type SourceType,
  TIMEOUT_DEFAULT_MS,
} from './lookup-settings.ts';

/** What the schema cannot say. */
export function checkLookup({ source, lookups }: LookupSettings): ConfigFault[] {
  return [...checkSource(source), ...lookups.flatMap((rule, index) => [...checkRule(rule, index)])];
}

type SourceKey = Exclude<keyof SourceSettings, 'type' | 'cache' | 'tls'>;

const FILES: readonly SourceType[] = ['csv', 'json', 'jsonl', 'yaml'];
const TYPES_OF: Readonly<Record<SourceKey, readonly SourceType[]>> = {
  table: ['inline'],
  path: [...FILES, 'sqlite'],
  reload_interval: [...FILES, 'sqlite'],
  max_file_bytes: FILES,
  has_header: ['csv'],
  delimiter: ['csv'],
  key_column: FILES,
  key_column_index: ['csv'],
  value_column: FILES,
  value_column_index: ['csv'],
  url: ['http'],
  headers: ['http'],
  pointer: ['http'],
  max_response_bytes: ['http'],
  query: ['sqlite'],
  record_type: ['dns'],
  server: ['dns'],
  timeout: ['http', 'dns', 'sqlite'],
  max_concurrency: ['http', 'dns'],
};

const NEEDED: Readonly<Partial<Record<SourceType, readonly SourceKey[]>>> = {
  inline: ['table'],
  csv: ['path'],
  json: ['path'],
  jsonl: ['path', 'key_column'],
  yaml: ['path'],
  http: ['url'],
  sqlite: ['path', 'query'],
};

function checkSource(source: SourceSettings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const fault = (key: SourceKey, message: string, remedy: string) =>
    faults.push({ path: ['source', key], message, remedy });
  for (const [key, types] of Object.entries(TYPES_OF) as [SourceKey, readonly SourceType[]][]) {
    if (types.includes(source.type) || isDefault(key, source[key])) continue;
    fault(key, `source "${source.type}" has no ${key}`, `leave it out; it is for ${types.join(', ')}`);
  }
  if (source.type !== 'http' && namesTls(source.tls)) {
    faults.push({ path: ['source', 'tls'], message: `source "${source.type}" has no tls`, remedy: 'leave it out' });
  }
  for (const key of NEEDED[source.type] ?? []) {
    if (source[key] === undefined) fault(key, `source "${source.type}" needs ${key}`, `add ${key}`);
  }
  if (source.path !== undefined && TYPES_OF.path.includes(source.type)) faults.push(...checkFile(source.path));
  if (source.type === 'csv') faults.push(...checkCsv(source));
  if (source.type === 'http') faults.push(...checkHttp(source));
  if (source.type === 'sqlite' && source.query !== undefined && !PARAMETER.test(source.query)) {
    fault('query', 'the query has no parameter for the key', 'write ? or :key where the key goes');
  }
  return faults;
}

/** What is in the file is found out at the start. */
function* checkFile(file: string): Iterable<ConfigFault> {
  const path = ['source', 'path'];
  try {
    if (statSync(file).isDirectory()) {
      yield { path, message: `"${file}" is a directory`, remedy: 'name a file in it' };
      return;
    }
    accessSync(file, constants.R_OK);
  } catch (error) {
    const [why = '', remedy = 'check that it is a readable file'] = readErrorText(error).split('; ');
    yield { path, message: `cannot read "${file}": ${why}`, remedy };
  }
}

const PARAMETER = /\?|[:@$]key\b/;
const DECODED_DEFAULTS: Readonly<Partial<Record<SourceKey, unknown>>> = {
  timeout: TIMEOUT_DEFAULT_MS,
  reload_interval: 0,
};

function isDefault(key: SourceKey, value: unknown): boolean {
  return value === (DECODED_DEFAULTS[key] ?? sourceSettings.properties?.[key].default);
}

function* checkCsv(source: SourceSettings): Iterable<ConfigFault> {
  if (!/^.$/u.test(source.delimiter)) {
    yield { path: ['source', 'delimiter'], message: `"${source.delimiter}" is not one character` };
  }
  for (const what of ['key', 'value'] as const) {
    const name = source[`${what}_column`];
    const position = source[`${what}_column_index`];
    const path = ['source', `${what}_column`];
    if (name !== undefined && position !== undefined) {
      yield { path, message: `both ${what}_column and ${what}_column_index are set`, remedy: 'keep one of them' };
    } else if (name !== undefined && !source.has_header) {
      const remedy = `use ${what}_column_index, or set has_header: true`;
      yield { path, message: 'columns have no names without a header', remedy };
    } else if (what === 'key' && name === undefined && position === undefined) {
      yield { path, message: 'source "csv" needs key_column or key_column_index', remedy: 'add one of them' };
    }
  }
}

const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

function checkHttp({ url, pointer, tls }: SourceSettings): ConfigFault[] {
  const faults = checkTls(tls, ['source', 'tls'], 'client');
  if (!POINTER.test(pointer)) {
    faults.push({ path: ['source', 'pointer'], message: `"${pointer}" is no JSON pointer`, remedy: 'begin with /' });
  }
  if (url === undefined) return faults;
  faults.push(...checkUrl(url.replaceAll('{key}', 'key'), ['source', 'url']));
  const remedy = 'write {key} in the path or the query';
  if (!url.includes('{key}')) faults.push({ path: ['source', 'url'], message: 'the key is not in the URL', remedy });
  // Whoever sends telemetry must not choose which server is asked.
  else if (/^[^:]*:\/\/[^/?#]*\{key\}/.test(url)) {
    faults.push({ path: ['source', 'url'], message: 'the key is in the name of the server', remedy });
  }
  return faults;
}

function* checkRule(rule: LookupRule, index: number): Iterable<ConfigFault> {
  const path = ['lookups', index];
  if (rule.attributes.length === 0 && rule.prefix === undefined && rule.on_miss === 'keep') {
    const remedy = 'add attributes or a prefix';
    yield { path: [...path, 'attributes'], message: 'the lookup writes nothing', remedy };
  }
  const errors = (Object.keys(KEY_CONTEXTS) as Signal[]).map((signal) => keyError(rule.key, signal));
  // It is enough to make sense for one signal; each pipeline tells at the start if it does not for its own.
  if (errors.includes(undefined)) return;
  const signal = /\bspan\./.test(rule.key) ? 1 : /\b(?:datapoint|metric)\./.test(rule.key) ? 2 : 0;
  for (const error of (errors[signal] as OttlErrors).errors) yield { path: [...path, 'key'], ...explainError(error) };
}

function keyError(key: string, signal: Signal): OttlErrors | undefined {
  try {
    compileKey(key, signal, () => 0n);
    return undefined;
  } catch (error) {
    if (error instanceof OttlErrors) return error;
    throw error;
  }
}
