import { readFile as readFileFromDisk, stat } from 'node:fs/promises';
import path from 'node:path';
import { readErrorText } from '@millrace/api';
import { SOURCE_CHARACTERS_MAX } from './parse-yaml.ts';

/** What reading configuration needs from outside. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative paths are relative to it, as in the Collector. */
  readonly cwd: string;
  readFile(path: string): Promise<string>;
  readonly fetch: typeof globalThis.fetch;
}

/** What a URI stands for. */
export interface Retrieved {
  readonly text: string;
  /** What messages call it. */
  readonly label: string;
  /** Folder that plugins named in it are relative to. */
  readonly dir: string;
  /** Whether people can look it up under its label: faults inside are reported with its own lines. */
  readonly isDocument: boolean;
  /** The text is what was meant even where YAML would read nothing: `${env:NAME:-}`. */
  readonly isText?: boolean;
  /** Something to tell the user: an environment variable that is not set. */
  readonly doubt?: string;
}

/** A URI cannot be read. */
export class ProviderError extends Error {
  readonly code: string;
  readonly remedy: string | undefined;

  constructor(code: string, message: string, remedy?: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}

const URI = /^([A-Za-z][A-Za-z0-9+.-]+):(.*)$/s;
const WINDOWS_DRIVE = /^[A-Za-z]:/;
const ENV_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const HTTP_TIMEOUT_MS = 10_000;
const SCHEMES = 'file:, env:, yaml:, http: and https:';

/** Reads a `--config` argument: a URI, or the path of a file. */
export async function retrieveSource(uri: string, around: Surroundings): Promise<Retrieved> {
  if (WINDOWS_DRIVE.test(uri) || !uri.includes(':')) return retrieveFile(uri, around);
  return retrieveUri(uri, around);
}

/** Reads what stands in a `${...}`; without a scheme it is an environment variable. */
export async function retrieveReference(content: string, around: Surroundings): Promise<Retrieved> {
  return content.includes(':') && URI.test(content) && !/^[A-Za-z_0-9]+:-/.test(content)
    ? retrieveUri(content, around)
    : retrieveEnv(content, around);
}

async function retrieveUri(uri: string, around: Surroundings): Promise<Retrieved> {
  const [, scheme, rest] = URI.exec(uri) ?? [undefined, undefined, ''];
  switch (scheme?.toLowerCase()) {
    case 'file':
      return retrieveFile(rest, around);
    case 'env':
      return retrieveEnv(rest, around);
    case 'yaml':
      return { text: rest, label: 'yaml:', dir: around.cwd, isDocument: false };
    case 'http':
    case 'https':
      return retrieveHttp(uri, around);
    default:
      throw new ProviderError('UNKNOWN_SCHEME', `the scheme of "${scheme ?? uri}:" is not known`, `use ${SCHEMES}`);
  }
}

async function retrieveFile(name: string, around: Surroundings): Promise<Retrieved> {
  const file = path.resolve(around.cwd, name);
  try {
    const text = await around.readFile(file);
    return { text, label: name, dir: path.dirname(file), isDocument: true };
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    const [why = '', todo = 'check the path'] = readErrorText(error).split('; ');
    const remedy = path.isAbsolute(name) ? todo : `${todo}; it is relative to ${around.cwd}`;
    throw new ProviderError('FILE_UNREADABLE', `cannot read the file "${name}": ${why}`, remedy);
  }
}

function retrieveEnv(content: string, around: Surroundings): Retrieved {
  const split = content.indexOf(':-');
  const name = split === -1 ? content : content.slice(0, split);
  if (!ENV_NAME.test(name)) {
    const remedy = 'write $${ for a literal ${; a name has only letters, digits and _, and starts with no digit';
    throw new ProviderError('ENV_NAME', `"${name}" is not the name of an environment variable`, remedy);
  }
  const found = { label: `env:${name}`, dir: around.cwd, isDocument: false };
  const value = around.env[name];
  if (value !== undefined) return { ...found, text: value };
  if (split !== -1) return { ...found, text: content.slice(split + 2), isText: split + 2 === content.length };
  return { ...found, text: '', doubt: `the environment variable "${name}" is not set; it counts as empty` };
}

async function retrieveHttp(uri: string, around: Surroundings): Promise<Retrieved> {
  const url = URL.parse(uri);
  if (url === null) throw new ProviderError('HTTP_URL', 'the URL is malformed', 'write http://host/path');
  // Neither user and password nor a token in the query may show up in messages.
  const label = `${url.protocol}//${url.host}${url.pathname}`;
  const fail = (why: string) =>
    new ProviderError('HTTP_FAILED', `cannot get ${label}: ${why}`, 'check that the server answers');
  let response: Response;
  try {
    response = await around.fetch(withoutUser(url), {
      signal: AbortSignal.timeout(HTTP_TIMEOUT_MS),
      headers: url.username === '' ? {} : { authorization: basicAuth(url) },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw fail(`the server answered ${response.status}`);
    }
    return { text: await bodyText(response, fail), label, dir: around.cwd, isDocument: true };
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    const name = error instanceof Error ? error.name : '';
    if (name === 'TimeoutError') throw fail(`no answer within ${HTTP_TIMEOUT_MS / 1000} s`);
    const cause =
      error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error);
    throw fail(cause);
  }
}

/** `fetch` refuses URLs with a user in them. */
function withoutUser(url: URL): URL {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare;
}

function basicAuth(url: URL): string {
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(user).toString('base64')}`;
}

/** Reads no more than the limit, however long the body is. */
async function bodyText(response: Response, fail: (why: string) => ProviderError): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > SOURCE_CHARACTERS_MAX)
      throw fail(`the answer is longer than ${SOURCE_CHARACTERS_MAX} characters`);
  }
  return text + decoder.decode();
}

/** Reads a file, but not one that no configuration could be. */
export async function readConfigFile(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > SOURCE_CHARACTERS_MAX) {
    throw new ProviderError('FILE_TOO_LARGE', `the file has ${size} bytes, the most is ${SOURCE_CHARACTERS_MAX}`);
  }
  const text = await readFileFromDisk(file, 'utf8');
  // A byte order mark, as some editors on Windows write it.
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
