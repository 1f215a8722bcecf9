import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defineExporter, Type, type Definition } from '@millrace/api';
import { ConfigErrors, formatProblems } from './config-errors.ts';
import { loadConfig, loadConfigObject } from './load-config.ts';
import { FakeRegistry } from './testing/fake-registry.ts';
import { AROUND, errorsOf, loadText, SERVICE, settingsFor, warningsOf } from './testing/load-text.ts';

/** The message of what a promise rejects with. */
async function failure(load: Promise<unknown>): Promise<string> {
  return load.then(
    () => 'it loads',
    (error: unknown) => (error instanceof ConfigErrors ? error.message : `threw ${String(error)}`),
  );
}

describe('a configuration without faults', () => {
  test('is resolved, in the order of the file, with defaults and places', async () => {
    const { config, warnings } = await loadText(`receivers:
  otlp: { protocols: { grpc: , http: { endpoint: "0.0.0.0:4318" } } }
  demo:
processors:
  batch/2: { timeout: 1s }
  batch:
exporters:
  otlphttp/eu: { endpoint: http://x:1 }
  debug:
connectors:
  forward:
extensions:
  health_check:
service:
  extensions: [health_check]
  workers: { threads: 2, heap_mb: 256, deadline: 1m }
  shutdown_timeout: 5s
  bytes_in_flight_max: 64MiB
  pipelines:
    traces/in: { receivers: [otlp], processors: [batch, batch/2], exporters: [forward], priority: high }
    traces: { receivers: [forward], exporters: [otlphttp/eu, debug] }
    logs: { receivers: [demo, otlp], exporters: debug }
`);
    expect(warnings).toEqual([]);
    expect([...config.receivers.keys()]).toEqual(['otlp', 'demo']);
    expect(config.receivers.get('otlp')).toMatchObject({
      kind: 'receiver',
      id: 'otlp',
      type: 'otlp',
      module: 'builtin:receiver/otlp',
      location: 'c.yaml:2:3',
      config: {
        protocols: {
          grpc: { endpoint: 'localhost:4317', max_recv_msg_size_mib: 4 },
          http: { endpoint: '0.0.0.0:4318' },
        },
      },
    });
    expect(config.exporters.get('otlphttp/eu')).toMatchObject({ type: 'otlphttp', definition: { type: 'otlp_http' } });
    expect([...config.processors.values()].map(({ config: settings }) => settings)).toEqual([
      { timeout: 1000, send_batch_size: 8192, send_batch_max_size: 0, metadata_keys: [] },
      { timeout: 200, send_batch_size: 8192, send_batch_max_size: 0, metadata_keys: [] },
    ]);
    expect([...config.pipelines.values()]).toEqual([
      {
        id: 'traces/in',
        signal: 'traces',
        receivers: ['otlp'],
        processors: ['batch', 'batch/2'],
        exporters: ['forward'],
        priority: 'high',
        location: 'c.yaml:20:5',
      },
      expect.objectContaining({
        id: 'traces',
        receivers: ['forward'],
        exporters: ['otlphttp/eu', 'debug'],
        priority: 'normal',
      }),
      expect.objectContaining({ id: 'logs', receivers: ['demo', 'otlp'], exporters: ['debug'] }),
    ]);
    expect(config.service).toMatchObject({
      extensions: ['health_check'],
      workers: { threads: 2, heapMb: 256, deadlineMs: 60_000 },
      shutdownTimeoutMs: 5000,
      bytesInFlightMax: 67_108_864,
    });
  });

  test('can be cloned for workers', async () => {
    const { config } = await loadText(AROUND);
    expect(structuredClone(config.exporters.get('debug')?.config)).toEqual(config.exporters.get('debug')?.config);
    expect(config.service.workers.threads).toBeGreaterThanOrEqual(1);
    expect(config.service.bytesInFlightMax).toBe(268_435_456);
  });

  test('tells which values are secret', async () => {
    const text = `extensions: { basicauth: { client_auth: { username: me, password: "\${env:PW}" } } }\n${AROUND.replace('service: {', 'service: { extensions: [basicauth],')}`;
    const { secrets, config } = await loadText(text, { env: { PW: '0123' } });
    expect([...secrets]).toEqual(['0123']);
    expect(config.extensions.get('basicauth')?.config).toEqual({ client_auth: { username: 'me', password: '0123' } });
  });

  test('gives what the Collector ignores as warnings', async () => {
    const text = `receivers: { demo: , demo/2: }
exporters: { debug: { use_internal_logger: false } }
extensions: { health_check: }
service: { pipelines: { logs: { receivers: [demo, demo], exporters: [debug] } } }
`;
    expect(await warningsOf(text)).toEqual([
      'c.yaml:1:22  receivers.demo/2  the receiver "demo/2" is defined, but not used  add it to a pipeline, or remove it',
      'c.yaml:2:44  exporters.debug.use_internal_logger  "use_internal_logger" is deprecated  use output_paths',
      'c.yaml:3:15  extensions.health_check  the extension "health_check" is defined, but not used  add it to service.extensions, or remove it',
      'c.yaml:4:51  service.pipelines.logs.receivers[1]  "demo" is named more than once  name it once',
    ]);
  });
});

describe('several sources', () => {
  const files = {
    '/etc/millrace/base.yaml': AROUND,
    '/etc/millrace/more/over.yaml':
      'exporters:\n  debug: { verbosity: normal }\n  debug/2:\nservice: { pipelines: { logs: { exporters: [debug/2] } } }\n',
    '/etc/millrace/empty.yaml': '# nothing\n',
  };

  test('merge in their order: maps deeply, lists replaced', async () => {
    const { config } = await loadConfig(['base.yaml', 'more/over.yaml', 'empty.yaml'], settingsFor({ files }));
    expect(config.exporters.get('debug')?.config).toMatchObject({ verbosity: 'normal' });
    expect(config.pipelines.get('logs')).toMatchObject({ receivers: ['demo'], exporters: ['debug/2'] });
  });

  test('can erase with null', async () => {
    const erase = 'yaml:{exporters: {debug: null}, service: {telemetry: null}}';
    const first = 'yaml:{exporters: {debug: {verbosity: nonsense}}, service: {telemetry: {logs: {level: nonsense}}}}';
    const { config } = await loadConfig(['base.yaml', first, erase], settingsFor({ files }));
    expect(config.exporters.get('debug')?.config).toMatchObject({ verbosity: 'basic' });
    expect(config.service.telemetry.logs.level).toBe('info');
  });

  test('come from variables and overrides, too', async () => {
    const settings = { ...settingsFor({ files }), env: { EXTRA: 'exporters: { debug: { sampling_initial: 7 } }' } };
    const sets = [
      'exporters.debug.verbosity=detailed',
      'service.workers={threads: 0, heap_mb: 64}',
      'service.telemetry.resource.a=0123',
    ];
    const { config } = await loadConfig(['base.yaml', 'env:EXTRA'], { ...settings, sets });
    expect(config.exporters.get('debug')?.config).toMatchObject({ verbosity: 'detailed', sampling_initial: 7 });
    expect(config.service.workers).toEqual({ threads: 0, heapMb: 64, deadlineMs: 10_000 });
  });

  test.each<[string, readonly string[], readonly string[], string]>([
    ['none', [], [], '--config  no configuration is given  name a file: --config pipeline.yaml'],
    [
      'a missing file',
      ['base.yaml', 'nope.yaml'],
      [],
      'nope.yaml  cannot read the file "nope.yaml": there is no such file  check the path; it is relative to /etc/millrace',
    ],
    [
      'a missing absolute file',
      ['/nope.yaml'],
      [],
      '/nope.yaml  cannot read the file "/nope.yaml": there is no such file  check the path',
    ],
    [
      'an unknown scheme',
      ['s3:x'],
      [],
      's3:x  the scheme of "s3:" is not known  use file:, env:, yaml:, http: and https:',
    ],
    [
      'an empty one',
      ['empty.yaml'],
      [],
      'empty.yaml:1:1  the configuration is empty  write the sections receivers, exporters and service',
    ],
    [
      'a list',
      ['yaml:[a]'],
      [],
      'yaml#1:1:1  a configuration must be a map, with sections such as receivers and service  write "receivers:" first',
    ],
    [
      'a text',
      ['yaml:hello'],
      [],
      'yaml#1:1:1  a configuration must be a map, got the text "hello"  write the sections receivers, exporters and service',
    ],
    [
      'an override without =',
      ['base.yaml'],
      ['abc'],
      '--set:1:1  "abc" has no "="  write --set section.component.key=value',
    ],
    [
      'an override without a key',
      ['base.yaml'],
      ['a..b=1'],
      '--set a..b:1:1  the key "a..b" has an empty part  write --set section.component.key=value',
    ],
    [
      'an override of bad YAML',
      ['base.yaml'],
      ['a.b=[1'],
      '--set a.b:1:6  a "[" above is not closed  add the "]", or indent the lines until there',
    ],
  ])('%s', async (_, sources, sets, expected) => {
    expect(await failure(loadConfig(sources, { ...settingsFor({ files }), sets }))).toBe(expected);
  });

  test('are all reported when they cannot be read', async () => {
    const lines = (await failure(loadConfig(['a', 'b', 'yaml:"'], { ...settingsFor({ files }), sets: ['c'] }))).split(
      '\n',
    );
    expect(lines.map((line) => line.split('  ')[0])).toEqual(['a', 'b', 'yaml#3:1:1', '--set:1:1']);
  });
});

describe('an object', () => {
  test('is loaded like a file', async () => {
    const object = {
      receivers: { demo: {} },
      exporters: { debug: { verbosity: '${env:LEVEL}', sampling_initial: 3 } },
      service: { pipelines: { logs: { receivers: ['demo'], exporters: ['debug'] } } },
    };
    const { config } = await loadConfigObject(object, { ...settingsFor(), env: { LEVEL: 'normal' } });
    expect(config.exporters.get('debug')).toMatchObject({
      config: { verbosity: 'normal', sampling_initial: 3 },
      location: 'config',
    });
  });

  test('has no places, but paths', async () => {
    const load = loadConfigObject({ receivers: { demo: { x: 1 } }, service: { pipelines: {} } }, settingsFor());
    expect(await failure(load)).toBe(
      'config  receivers.demo.x  the key "x" is not known  there are no known keys\nconfig  service.pipelines  there are no pipelines  add one, such as logs: { receivers: [otlp], exporters: [otlp] }',
    );
  });
});

describe('plugins', () => {
  const custom = defineExporter({
    type: 'custom',
    summary: 'For tests.',
    stability: 'beta',
    signals: ['logs'],
    config: Type.Object({}),
    examples: [],
    create: () => {
      throw new Error('never run');
    },
  }) as Definition;

  test('are loaded relative to the file that names them, before components are looked up', async () => {
    const registry = new FakeRegistry({ './custom.ts': [custom], '@acme/y': [] });
    const files = {
      '/etc/millrace/sub/plugins.yaml': "plugins: [./custom.ts, '@acme/y']\nexporters: { custom: }\n",
      '/etc/millrace/c.yaml':
        'receivers: { demo: }\nservice: { pipelines: { logs: { receivers: [demo], exporters: [custom] } } }\n',
    };
    const { config } = await loadConfig(['sub/plugins.yaml', 'c.yaml'], { ...settingsFor({ files }), registry });
    expect(config.exporters.get('custom')?.definition).toBe(custom);
    expect(registry.loaded).toEqual(['./custom.ts in /etc/millrace/sub', '@acme/y in /etc/millrace/sub']);
  });

  test('that are deprecated say so, with what their summary says', async () => {
    const older = { ...custom, stability: 'deprecated', summary: 'Use another one.' } as const;
    const registry = new FakeRegistry({ './older.ts': [older] });
    const text = `plugins: [./older.ts]
receivers: { demo: }
exporters: { custom: }
service: { pipelines: { logs: { receivers: [demo], exporters: [custom] } } }\n`;
    expect(await warningsOf(text, { registry })).toEqual([
      'c.yaml:3:14  exporters.custom  the exporter "custom" is deprecated  Use another one.',
    ]);
  });

  test.each<[string, string[]]>([
    [
      './x.ts',
      [
        'c.yaml:1:10  plugins  must be a list, got the text "./x.ts"  write plugins: [./my-plugin.ts, \'@acme/package\']',
      ],
    ],
    [
      "[./x.ts, '@acme/x', {}]",
      [
        'c.yaml:1:11  plugins[0]  the plugin "./x.ts" cannot be loaded: there is no such module  a path is relative to /etc/millrace',
        'c.yaml:1:19  plugins[1]  the plugin "@acme/x" cannot be loaded: there is no such module  is the package installed?',
        'c.yaml:1:30  plugins[2]  must be a path or the name of a package, got a map  write ./my-plugin.ts, @acme/package, or { path: ./my-plugin.ts, isolation: worker }',
      ],
    ],
  ])('%s', async (value, expected) => {
    expect(await errorsOf(`plugins: ${value}\n${AROUND}`)).toEqual(expected);
  });
});

describe('real files and servers', () => {
  let dir = '';
  const server = createServer((request, response) => {
    if (request.url === '/config.yaml' && request.headers.authorization !== undefined) response.end(AROUND);
    else if (request.url === '/level') response.end('detailed\n');
    else if (request.url === '/huge') for (let i = 0; i < 100; i++) response.write('x'.repeat(100_000));
    else response.writeHead(404).end();
  });
  let base = '';
  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'millrace-config-'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(dir, { recursive: true });
  });

  test('are read', async () => {
    await writeFile(
      path.join(dir, 'bom.yaml'),
      `\uFEFFexporters: { debug: { verbosity: "\${http://${base}/level}" } }\r\n`,
    );
    const settings = { registry: new FakeRegistry(), cwd: dir, env: {} };
    const { config } = await loadConfig([`http://me:secret@${base}/config.yaml`, 'bom.yaml'], settings);
    expect(config.exporters.get('debug')?.config).toMatchObject({ verbosity: 'detailed' });
  });

  test('fail with a reason, and without the password', async () => {
    const settings = { registry: new FakeRegistry(), cwd: dir, env: {} };
    expect(await failure(loadConfig([`http://me:secret@${base}/nope`], settings))).toBe(
      `http://${base}/nope  cannot get http://${base}/nope: the server answered 404  check that the server answers`,
    );
    expect(await failure(loadConfig([`http://${base}/huge`], settings))).toContain(
      'the answer is longer than 4194304 characters',
    );
    await writeFile(path.join(dir, 'huge.yaml'), 'x'.repeat(4_194_305));
    expect(await failure(loadConfig(['huge.yaml'], settings))).toContain(
      'the file has 4194305 bytes, the most is 4194304',
    );
  });
});

test('a server that does not answer is not waited for', async () => {
  let signal: AbortSignal | null | undefined;
  const fetch: typeof globalThis.fetch = async (_, init) => {
    signal = init?.signal;
    throw new DOMException('timed out', 'TimeoutError');
  };
  expect(await failure(loadConfig(['http://slow/c'], { ...settingsFor(), fetch }))).toBe(
    'http://slow/c  cannot get http://slow/c: no answer within 10 s  check that the server answers',
  );
  expect(signal).toBeInstanceOf(AbortSignal);
});

test('problems can be coloured, and show their line', async () => {
  const error: unknown = await loadText(`receivers: { demo: { x: 1 } }\nexporters: { debug: }\n${SERVICE}`).catch(
    (thrown: unknown) => thrown,
  );
  const { errors } = error as ConfigErrors;
  expect(formatProblems(errors, { excerpts: true })).toBe(
    [
      'c.yaml:1:22  receivers.demo.x  the key "x" is not known  there are no known keys',
      '    1 | receivers: { demo: { x: 1 } }',
      '      |                      ^',
    ].join('\n'),
  );
  expect(formatProblems(errors, { color: true })).toContain('\u001b[31mthe key "x" is not known\u001b[0m');
});
