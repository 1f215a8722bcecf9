import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigErrors } from './config-errors.ts';
import { loadConfig } from './load-config.ts';
import { FakeRegistry } from './testing/fake-registry.ts';
import {
  AROUND,
  configErrorsOf,
  errorsOf,
  loadText,
  settingsFor,
  warningsOf,
  type TextSettings,
} from './testing/load-text.ts';

/** What a value becomes in the open map of the file exporter, where YAML decides on types. */
async function anyValue(value: string, settings: TextSettings = {}): Promise<unknown> {
  const text = `receivers: { demo: }\nexporters:\n  file: { path: p, free: { x: ${value} } }\nservice: { pipelines: { logs: { receivers: [demo], exporters: [file] } } }\n`;
  const { config } = await loadText(text, settings);
  return (config.exporters.get('file')?.config as { free: { x: unknown } } | undefined)?.free.x;
}

/** What it becomes in a setting that is a string. */
async function stringValue(value: string, settings: TextSettings = {}): Promise<unknown> {
  const text = `receivers: { demo: }\nexporters:\n  file: { path: ${value} }\nservice: { pipelines: { logs: { receivers: [demo], exporters: [file] } } }\n`;
  const { config } = await loadText(text, settings);
  return (config.exporters.get('file')?.config as { path: string } | undefined)?.path;
}

describe('a reference', () => {
  const env = {
    NUMBER: '123',
    OCTAL: '0123',
    HEX: '0xdeadbeef',
    QUOTED: '"0123"',
    BOOL: 'true',
    LIST: '[a, 0123]',
    MAP: '{ a: 1, b: { c: true } }',
    TEXT: 'some text',
    DATE: '2024-01-01',
    EMPTY: '',
    NULL: 'null',
    BAD_YAML: '[a',
    NAME: 'NUMBER',
    INDIRECT: '${env:NUMBER}',
    DOLLAR: 'a$$b$c',
    LINES: 'one\ntwo: x',
  };

  // The Collector's table of types: what YAML makes of it, and what a string setting gets.
  test.each<[string, unknown, string]>([
    ['${env:NUMBER}', 123, '123'],
    ['${NUMBER}', 123, '123'],
    ['"${NUMBER}"', 123, '123'],
    ['${env:OCTAL}', 83, '0123'],
    ['${env:HEX}', 3735928559, '0xdeadbeef'],
    ['${env:QUOTED}', '"0123"', '"0123"'],
    ['${env:BOOL}', true, 'true'],
    ['${env:LIST}', ['a', 83], '[a, 0123]'],
    ['${env:MAP}', { a: 1, b: { c: true } }, '{ a: 1, b: { c: true } }'],
    ['${env:TEXT}', 'some text', 'some text'],
    ['${env:DATE}', '2024-01-01', '2024-01-01'],
    ['${env:NULL}', null, 'null'],
    ['${env:BAD_YAML}', '[a', '[a'],
    ['${env:${env:NAME}}', 123, '123'],
    ['${env:INDIRECT}', 123, '123'],
    ['${env:DOLLAR}', 'a$b$c', 'a$b$c'],
    ['${env:UNSET:-0123}', 83, '0123'],
    ['${UNSET:-some default}', 'some default', 'some default'],
    ['${env:UNSET:-a:-b}', 'a:-b', 'a:-b'],
    ['"${env:UNSET:-${env:NUMBER}}"', 123, '123'],
    ['n${env:NUMBER}', 'n123', 'n123'],
    ['${env:OCTAL}${env:BOOL}', '0123true', '0123true'],
    ['http://${TEXT}:${NUMBER}/', 'http://some text:123/', 'http://some text:123/'],
    ['x${env:EMPTY}y', 'xy', 'xy'],
    ["'$${env:NUMBER}'", '${env:NUMBER}', '${env:NUMBER}'],
    ["'$$${env:NUMBER}'", '$123', '$123'],
    ["'$100 ${'", '$100 ${', '$100 ${'],
    ['${yaml:[1, two]}', [1, 'two'], '[1, two]'],
    ["'${yaml:a: 0123}'", { a: 83 }, 'a: 0123'],
  ])('%s', async (value, any, text) => {
    // In the flow maps of these tests a reference must be quoted where it has flow characters in it.
    const written = /^[^'"]*[[\]{},]/.test(value) ? `'${value}'` : value;
    expect(await anyValue(written, { env })).toEqual(any);
    expect(await stringValue(written, { env })).toBe(text);
  });

  test('to an empty variable is nothing, or an empty text', async () => {
    expect(await anyValue("'${env:EMPTY:-default}'", { env })).toBeNull();
    expect(await anyValue("'${env:UNSET:-}'", { env })).toBe('');
    const headers = `receivers: { demo: }\nexporters: { otlphttp: { endpoint: http://x, headers: { a: '\${env:EMPTY}', b: } } }\n`;
    const { config } = await loadText(
      `${headers}service: { pipelines: { logs: { receivers: [demo], exporters: [otlphttp] } } }`,
      { env },
    );
    expect(config.exporters.get('otlphttp')?.config).toMatchObject({ headers: { a: '', b: '' } });
  });

  test('to a file that is no YAML is its text, or an error in it', async () => {
    const files = { '/etc/millrace/bad': 'a: [1\n' };
    expect(await stringValue("'${file:bad}'", { files })).toBe('a: [1');
    expect(await errorsOf(`processors: \${file:bad}\n${AROUND}`, { files })).toEqual([
      'bad:1:6  processors  a "[" above is not closed  add the "]", or indent the lines until there',
    ]);
  });

  test('to a file takes its meaning, or its text without the last line end', async () => {
    const files = {
      '/etc/millrace/parts/otlp.yaml': 'a: 1\nb: [x, "${env:TEXT}"]\n',
      '/etc/millrace/token': 'abc 123\n',
      '/etc/millrace/number': '0123\n',
      '/secret/pem': '-----BEGIN\nabc\n-----END\n',
    };
    expect(await anyValue("'${file:parts/otlp.yaml}'", { env, files })).toEqual({ a: 1, b: ['x', 'some text'] });
    expect(await anyValue("'${file:token}'", { files })).toBe('abc 123');
    expect(await stringValue("'${file:number}'", { files })).toBe('0123');
    expect(await stringValue("'Bearer ${file:token}!'", { files })).toBe('Bearer abc 123!');
    expect(await stringValue("'${file:/secret/pem}'", { files })).toBe(files['/secret/pem']);
  });

  test('to a variable that is not set is empty, with a warning', async () => {
    const text = `receivers: { demo: }\nexporters:\n  debug:\n    verbosity: \${env:LEVEL}\nservice: { pipelines: { logs: { receivers: [demo], exporters: [debug] } } }\n`;
    const errors = await configErrorsOf(text);
    expect(errors?.warnings.map(({ location, message }) => `${location} ${message}`)).toEqual([
      'c.yaml:4:16 the environment variable "LEVEL" is not set; it counts as empty',
    ]);
    expect(errors?.format()).toContain(
      'c.yaml:4:16  exporters.debug.verbosity  must be one of basic, normal, detailed, got ""',
    );
    const sampling = text.replace('verbosity', 'sampling_initial');
    expect(await warningsOf(sampling)).toEqual([
      'c.yaml:4:23  exporters.debug.sampling_initial  the environment variable "LEVEL" is not set; it counts as empty  set it, or give a default: ${env:LEVEL:-default}',
    ]);
  });

  test.each<[string, string]>([
    [
      '${1}',
      'c.yaml:3:17  exporters.file.path  "1" is not the name of an environment variable  write $${ for a literal ${; a name has only letters, digits and _, and starts with no digit',
    ],
    [
      'x${file:nope}',
      'c.yaml:3:18  exporters.file.path  cannot read the file "nope": there is no such file  check the path; it is relative to /etc/millrace',
    ],
    [
      '${vault:x/y}',
      'c.yaml:3:17  exporters.file.path  the scheme of "vault:" is not known  use file:, env:, yaml:, http: and https:',
    ],
    [
      '"${env:UNSET:-$x}"',
      'c.yaml:3:17  exporters.file.path  what stands in ${...} must not contain "$"  put the value into a variable',
    ],
    [
      '${env:SELF}',
      'c.yaml:3:17  exporters.file.path  references go on for more than 100 steps (from env:SELF)  does a variable or file refer to itself?',
    ],
    [
      '${https://example.com/x?token=1}',
      'c.yaml:3:17  exporters.file.path  cannot get https://example.com/x: no network in tests  check that the server answers',
    ],
    ['"${http:///}"', 'c.yaml:3:17  exporters.file.path  the URL is malformed  write http://host/path'],
  ])('%s is an error', async (value, expected) => {
    const text = `receivers: { demo: }\nexporters:\n  file: { path: ${value} }\nservice: { pipelines: { logs: { receivers: [demo], exporters: [file] } } }\n`;
    const block = text.replace(/\{ path: (.*) \}/, '\n    path: $1');
    const lines = await errorsOf(block, { env: { SELF: '${env:SELF}' } });
    expect(lines).toEqual([
      expected.replace(/^c\.yaml:3:(\d+)/, (_, column: string) => `c.yaml:4:${Number(column) - 6}`),
    ]);
  });

  test('that multiplies itself ends with an error', async () => {
    const doubling = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`V${i}`, `\${V${i + 1}}\${V${i + 1}}`]));
    const many = await errorsOf(`x: '\${V0}'\n${AROUND}`, { env: { ...doubling, V60: 'x' } });
    expect(many[1]).toContain('there are more than 10000 references');
    const large = { A: 'x'.repeat(3_000_000), B: '${A}${A}${A}', C: '${B}${B}${B}' };
    expect((await errorsOf(`x: '\${C}'\n${AROUND}`, { env: large }))[1]).toContain(
      'stand for more than 16777216 characters',
    );
  });

  test('in a file that includes itself ends with an error there', async () => {
    const files = { '/etc/millrace/loop.yaml': 'a:\n  b: ${file:loop.yaml}\n' };
    const lines = await errorsOf(`x: '\${file:loop.yaml}'\n${AROUND}`, { files });
    expect(lines.at(-1)).toBe(
      `loop.yaml:2:6  x${'.a.b'.repeat(101)}  references go on for more than 100 steps  does a variable or file refer to itself?`,
    );
  });
});

describe('places', () => {
  test('in an included file are its own', async () => {
    const files = { '/etc/millrace/exporters.yaml': 'debug:\n  verbosity: loud\n' };
    const text =
      'receivers: { demo: }\nexporters: ${file:exporters.yaml}\nservice: { pipelines: { logs: { receivers: [demo], exporters: [debug] } } }\n';
    expect(await errorsOf(text, { files })).toEqual([
      'exporters.yaml:2:14  exporters.debug.verbosity  must be one of basic, normal, detailed, got "loud"  write one of these',
    ]);
  });

  test('of what a variable holds are those of the reference', async () => {
    const text =
      'receivers: { demo: }\nexporters:\n  debug: ${env:DEBUG}\nservice: { pipelines: { logs: { receivers: [demo], exporters: [debug] } } }\n';
    expect(await errorsOf(text, { env: { DEBUG: '{ verbosity: loud, x: 1 }' } })).toEqual([
      'c.yaml:3:10  exporters.debug.verbosity  must be one of basic, normal, detailed, got "loud" (from env:DEBUG)  write one of these',
      'c.yaml:3:10  exporters.debug.x  the key "x" is not known (from env:DEBUG)  known keys: sampling_initial, use_internal_logger, verbosity',
    ]);
  });

  test('of a merged value are those of the source that won', async () => {
    const files = {
      '/etc/millrace/a.yaml': AROUND,
      '/etc/millrace/b.yaml': '\nexporters:\n  debug:\n    verbosity: loud\n',
    };
    const load = loadConfig(['a.yaml', 'file:b.yaml', 'yaml:exporters::debug::sampling_initial: x'], {
      ...settingsFor({ files }),
      sets: ['exporters.debug.verbosity = louder', 'service::telemetry::logs::level=loud'],
    });
    const errors = await load.then(
      () => [],
      (error: unknown) => (error as ConfigErrors).format().split('\n'),
    );
    expect(errors).toEqual([
      'yaml#3:1:37  exporters.debug.sampling_initial  must be a whole number, got the text "x"  write digits only',
      '--set exporters.debug.verbosity:1:29  exporters.debug.verbosity  must be one of basic, normal, detailed, got "louder"  write one of these',
      '--set service::telemetry::logs::level:1:33  service.telemetry.logs.level  the level "loud" is not known  levels: debug, dpanic, error, fatal, info, panic, warn',
    ]);
  });
});

describe('whatever the environment holds, resolving', () => {
  const pieces = fc.constantFrom(
    '${',
    '}',
    '$',
    '$$',
    'env:',
    'A',
    'B',
    ':-',
    'x',
    '"',
    '[',
    ': ',
    '\n',
    'yaml:',
    'file:',
  );
  const values = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));

  test('ends, and throws nothing but its own errors', async () => {
    await fc.assert(
      fc.asyncProperty(values, values, values, async (a, b, value) => {
        const object = { exporters: { file: { path: value, free: { any: value } } } };
        const { loadConfigObject } = await import('./load-config.ts');
        const error: unknown = await loadConfigObject(object, { ...settingsFor(), env: { A: a, B: b } }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(ConfigErrors);
      }),
      { numRuns: 300 },
    );
  });

  test('never shows a secret in a message', async () => {
    const secret = 'hunter2-hunter2';
    const around = fc.constantFrom('${env:S}', '[${env:S}]', 'x ${env:S} y', '${env:S}${env:S}', '${file:${env:S2}}');
    const keys = fc.constantFrom('password', 'authorization', 'x-api-key', 'client_secret', 'token');
    await fc.assert(
      fc.asyncProperty(keys, around, fc.constantFrom('basicauth', 'unknown_one'), async (key, value, type) => {
        const text = `extensions:\n  ${type}:\n    client_auth: { username: [], ${key}: '${value}' }\n    ${key}: ${secret}\n    ${key}2: { a: ${secret} }\n`;
        const error = await configErrorsOf(text, { env: { S: secret, S2: 'x' }, registry: new FakeRegistry() });
        const shown = error?.format({ excerpts: true });
        expect(shown).toBeDefined();
        expect(shown).not.toContain(secret);
        expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(secret);
        expect(JSON.stringify(error)).not.toContain(secret);
      }),
    );
  });
});
