/** What an editor shows for a configuration: yaml-language-server, with the schema that `millrace schema` prints. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { LanguageServer, type Position } from './harness/language-server.ts';
import { REPOSITORY, runMillrace } from './harness/millrace.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const HEADER = '# yaml-language-server: $schema=millrace.schema.json\n';
const CONFIGS = join(REPOSITORY, 'configs');

let server: LanguageServer;

beforeAll(async () => {
  const folder = temporaryFolder('file');
  const { code, stdout } = await runMillrace(['schema'], { lifetime: 'file' });
  expect(code).toBe(0);
  writeFileSync(join(folder, 'millrace.schema.json'), stdout);
  server = await LanguageServer.start(folder, 'file');
});

/** Opens a text, in which `|` is the cursor. */
function open(text: string) {
  const before = (HEADER + text.slice(0, text.indexOf('|'))).split('\n');
  const position: Position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  return { uri: server.open(HEADER + text.replace('|', '')), position };
}

async function completions(text: string): Promise<readonly string[]> {
  const { uri, position } = open(text);
  return (await server.complete(uri, position)).map(({ label }) => label);
}

async function hover(text: string): Promise<string> {
  const { uri, position } = open(text);
  return server.hover(uri, position);
}

/** `line: message` of a text without header; lines count from 1. */
async function faults(text: string): Promise<readonly string[]> {
  const diagnostics = await server.diagnose(server.open(HEADER + text));
  return diagnostics.map(({ message, range }) => `${range.start.line}: ${message}`);
}

const OTLP = 'exporters:\n  otlp/2:\n    endpoint: backend:4317\n';

describe('completion', () => {
  test.each<[string, string, readonly string[]]>([
    ['sections', '|\n', ['receivers', 'processors', 'exporters', 'connectors', 'extensions', 'service']],
    ['types of receivers', 'receivers:\n  |\n', ['otlp', 'demo']],
    ['types of processors after the first letters', 'processors:\n  tr|\n', ['transform', 'tail_sampling']],
    ['keys of a component with a name', `${OTLP}    |\n`, ['compression', 'tls', 'sending_queue', 'dead_letter']],
    ['keys within keys', `${OTLP}    sending_queue:\n      |\n`, ['queue_size', 'storage', 'sizer']],
    ['keys of the items of a list', 'processors:\n  attributes:\n    actions:\n      - |\n', ['key', 'from_attribute']],
    ['values of a key', `${OTLP}    compression: |\n`, ['gzip', 'zstd', 'snappy', 'none']],
    ['truth', `${OTLP}    wait_for_ready: |\n`, ['true', 'false']],
    ['signals', 'service:\n  pipelines:\n    |\n', ['logs', 'traces', 'metrics', 'profiles']],
    ['parts of a pipeline', 'service:\n  pipelines:\n    logs/2:\n      |\n', ['receivers', 'processors', 'exporters']],
    ['types in a pipeline', 'service:\n  pipelines:\n    logs:\n      receivers: [|]\n', ['otlp', 'forward']],
  ])('offers %s', async (_what, text, expected) => {
    expect(await completions(text)).toEqual(expect.arrayContaining([...expected]));
  });

  test('offers nothing that does not belong there', async () => {
    expect(await completions('receivers:\n  |\n')).not.toContain('batch');
    expect(await completions('processors:\n  transform:\n    |\n')).not.toContain('flatten');
    expect(await completions('service:\n  pipelines:\n    logs:\n      processors: [|]\n')).not.toContain('otlp');
    const actions = 'processors:\n  attributes:\n    actions:\n      - key: x\n        action: |\n';
    expect(await completions(actions)).toEqual(['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert']);
  });
});

describe('hover', () => {
  test('over a key shows its component, what it does, its default and its values', async () => {
    const text = await hover(`${OTLP}    compr|ession: zstd\n`);
    expect(text).toContain('#### otlp exporter\n\nCompression of requests.\n\nDefault: `gzip`');
    expect(text).toContain('* `snappy`');
  });

  test.each([
    ['a component', 'processors:\n  bat|ch/2:\n    timeout: 1s\n', /^#### batch processor\n\n\w.+\./],
    ['a duration', 'processors:\n  batch:\n    time|out: 1s\n', /Time after which.*\n\nDefault: `200ms`\n\nSource/],
    ['a number', `${OTLP}    sending_queue:\n      num_cons|umers: 3\n`, /How many batches.*\n\nDefault: `10`/],
    ['a flag', `${OTLP}    sending_queue:\n      enab|led: false\n`, /Whether batches wait.*\n\nDefault: `true`/],
    ['a pipeline', 'service:\n  pipelines:\n    logs:\n      proce|ssors: []\n', /What happens to it, in this order\./],
  ])('over %s says what it is', async (_what, text, expected) => {
    expect(await hover(text)).toMatch(expected);
  });
});

describe('diagnostics', () => {
  test.each<[string, readonly string[]]>([
    ['processors:\n  batch:\n    time_out: 1s\n', ['3: Property time_out is not allowed.']],
    ['processors:\n  bacth:\n', ['2: Property bacth is not allowed.']],
    ['exporters:\n  otlp/2:\n    compression: gzip\n', ['2: Missing property "endpoint".']],
    ['processors:\n  batch/2:\n    send_batch_size: many\n', ['3: Incorrect type. Expected "integer".']],
    [
      'processors:\n  batch:\n    timeout: 5\n',
      ['3: It must be a duration with its unit, such as 5s, 200ms or 1h30m.'],
    ],
    [
      'processors:\n  transform:\n    flatten: true\n',
      [
        '3: A resource for each log record: not supported. Instead: move what differs to the resource with groupbyattrs.',
      ],
    ],
    ['processors:\n  batch: 5s\n', ['2: It must be a map of keys and values.']],
    [
      `${OTLP}    compression: brotli\n`,
      ['4: Value is not accepted. Valid values: "gzip", "zstd", "snappy", "none", "".'],
    ],
    [`${OTLP}    wait_for_ready: maybe\n`, ['4: Incorrect type. Expected "boolean".']],
    ['service:\n  pipelines:\n    log:\n      receivers: [otlp]\n', ['3: Property log is not allowed.']],
  ])('%j', async (text, expected) => {
    expect(await faults(text)).toEqual(expected);
  });

  test.each([
    'processors:\n  batch:\n    timeout: ${env:TIMEOUT}\n    send_batch_size: ${env:SIZE:-10}\n',
    `${OTLP}    wait_for_ready: \${env:WAIT}\n    compression: \${env:COMPRESSION}\n    tls: \${file:tls.yaml}\n`,
    'processors:\n  batch:\n    timeout: 0\n    send_batch_size:\n    metadata_keys: []\n',
    `${OTLP}    sending_queue:\n      queue_size: 10_000\n`,
  ])('%j has nothing wrong', async (text) => {
    expect(await faults(text)).toEqual([]);
  });

  const pipelines = readdirSync(CONFIGS).filter((name) => /(?<!\.test)\.yaml$/.test(name));

  test.each(pipelines)('configs/%s has nothing wrong', async (name) => {
    expect(await faults(readFileSync(join(CONFIGS, name), 'utf8'))).toEqual([]);
  });
});
