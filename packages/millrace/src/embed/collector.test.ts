import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ComponentError, type Definition, DeliveryError, permanent, retryable } from '@millrace/api';
import { ConfigErrors } from '@millrace/config';
import { RecordingLogger } from '@millrace/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { Collector } from './collector.ts';
import type { CollectorConfig, CollectorOptions, PluginInput } from './options.ts';
import { Capture, tagger } from './testing/capture.ts';

/** From `in_process/app` to `capture`, with these processors. */
function pipeline(processors: readonly string[] = [], service: object = {}): CollectorConfig {
  return {
    receivers: { 'in_process/app': null },
    processors: Object.fromEntries(processors.map((id) => [id, null])),
    exporters: { capture: null },
    service: {
      pipelines: { logs: { receivers: ['in_process/app'], processors, exporters: ['capture'] } },
      ...service,
    },
  };
}

const YAML = `
receivers: { in_process/app: }
exporters: { capture: }
service: { pipelines: { logs: { receivers: [in_process/app], exporters: [capture] } } }
`;

/** A started collector, shut down at the end of the test. */
async function started(options: CollectorOptions): Promise<Collector> {
  const collector = await Collector.start({ logger: 'silent', ...options });
  onTestFinished(async () => void (await collector.shutdown()));
  return collector;
}

async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'millrace-embed-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it did not reject');
    },
    (error: Error) => error,
  );
}

test('it starts from an object, from YAML text, from files, and from several that are merged', async () => {
  const dir = await folder();
  writeFileSync(join(dir, 'a.yaml'), YAML);
  writeFileSync(join(dir, 'b.yaml'), 'exporters: { capture: { token: "${env:TOKEN}" } }\n');
  const configs: CollectorOptions['config'][] = [
    pipeline(),
    YAML,
    'a.yaml',
    pathToFileURL(join(dir, 'a.yaml')),
    ['a.yaml', 'b.yaml'],
  ];
  for (const config of configs) {
    const capture = new Capture();
    const collector = await started({ config, plugins: [capture.definition], cwd: dir, env: { TOKEN: 'secret-1' } });
    expect(await collector.receiver('app').logs([{ body: 'hello' }])).toEqual({ items: 1 });
    expect(capture.bodies).toEqual(['hello']);
    expect(collector.snapshot()).toMatchObject({ received: 1, sent: 1 });
  }
});

test('a guest has no workers and serves no metrics unless its configuration says so', async () => {
  const log = new RecordingLogger();
  const plugins = [new Capture().definition, tagger('x')];
  const bare = await started({ config: pipeline(['tag']), plugins, logger: log });
  expect(bare.metricsAddress).toBeUndefined();
  const readers = [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: 0 } } } }];
  const asked = await started({ config: pipeline([], { telemetry: { metrics: { readers } } }), plugins, logger: log });
  expect(asked.metricsAddress).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  expect(log.messages('warn')).toEqual([]);
});

test('two collectors share nothing: neither versions of a plugin, nor metrics, nor their end', async () => {
  const readers = [{ pull: { exporter: { prometheus: { host: '127.0.0.1', port: 0 } } } }];
  const make = async (tag: string) => {
    const capture = new Capture();
    const config = pipeline(['tag'], { telemetry: { metrics: { readers } } });
    return { capture, collector: await started({ config, plugins: [capture.definition, tagger(tag)] }) };
  };
  const [one, two] = [await make('one'), await make('two')];
  const accepted = async (collector: Collector) => {
    const text = await (await fetch(collector.metricsAddress ?? '')).text();
    return Number(/^otelcol_receiver_accepted_log_records\{.*\} (\d+)$/m.exec(text)?.[1]);
  };
  await one.collector.receiver('app').logs([{ body: 'a' }, { body: 'b' }]);
  await two.collector.receiver('app').logs([{ body: 'c' }]);
  expect([one.capture.bodies, two.capture.bodies]).toEqual([['a one', 'b one'], ['c two']]);
  expect([await accepted(one.collector), await accepted(two.collector)]).toEqual([2, 1]);
  await one.collector.shutdown();
  await two.collector.receiver('app').logs([{ body: 'd' }]);
  expect(two.capture.bodies).toEqual(['c two', 'd two']);
});

test('a rejection is the DeliveryError of the pipeline', async () => {
  const capture = new Capture();
  const { definition } = capture;
  const receiver = (await started({ config: pipeline(), plugins: [definition] })).receiver('app');
  capture.answer = () => Promise.reject(permanent('never', { code: 'NEVER' }));
  const never = await rejection(receiver.logs([{}]));
  expect(never).toBeInstanceOf(DeliveryError);
  expect(never).toMatchObject({ code: 'NEVER', retryable: false });
  capture.answer = () => Promise.reject(retryable('later', { retryAfterMs: 7 }));
  expect(await rejection(receiver.logs([{}]))).toMatchObject({ retryable: true, retryAfterMs: 7 });
  expect(await rejection(receiver.traces([]))).toMatchObject({ code: 'SIGNAL_NOT_CONFIGURED' });
  expect(await rejection(receiver.logs(new Uint8Array([10, 200])))).toBeInstanceOf(DeliveryError);
});

test('a receiver that no pipeline has is named, with those that there are', async () => {
  const collector = await started({ config: pipeline(), plugins: [new Capture().definition] });
  expect(() => collector.receiver('ap')).toThrow(
    'no pipeline has the receiver "in_process/ap"; of this type, there are in_process/app',
  );
  expect(collector.receiver('in_process/app')).toBe(collector.receiver('app'));
});

test('everything that is wrong with a configuration comes at once, and nothing runs', async () => {
  const error = await rejection(Collector.start({ config: { exporters: { nope: null }, service: { pipelines: {} } } }));
  expect(error).toBeInstanceOf(ConfigErrors);
  expect(error.message).toContain('there is no exporter of the type "nope"');
  expect(error.message).toContain('there are no pipelines');
  const noService = await rejection(Collector.start({ config: {} as CollectorConfig }));
  expect(noService).toBeInstanceOf(ConfigErrors);
});

test('what starts before a component that cannot start is stopped again', async () => {
  const { definition } = new Capture();
  const stopped: string[] = [];
  const life = (type: string, start: () => void): Definition =>
    ({
      ...definition,
      type,
      create: () => ({ start, send: () => Promise.resolve(), shutdown: () => void stopped.push(type) }),
    }) as Definition;
  const fails = () => {
    throw new ComponentError('the port is taken', { code: 'TAKEN' });
  };
  const config = {
    receivers: { in_process: null },
    exporters: { good: null, bad: null },
    service: { pipelines: { logs: { receivers: ['in_process'], exporters: ['good', 'bad'] } } },
  };
  const plugins = [life('good', () => undefined), life('bad', fails)];
  const error = await rejection(Collector.start({ config, plugins, logger: 'silent' }));
  expect(error.message).toContain('the port is taken');
  expect(stopped).toContain('good');
});

test('a value takes the place of the built-in component of its type', async () => {
  const capture = new Capture();
  const debug = { ...capture.definition, type: 'debug' } as Definition;
  const config: CollectorConfig = {
    receivers: { in_process: null },
    exporters: { debug: null },
    service: { pipelines: { logs: { receivers: ['in_process'], exporters: ['debug'] } } },
  };
  const collector = await started({ config, plugins: [debug] });
  await collector.receiver().logs([{ body: 'x' }]);
  expect(capture.bodies).toEqual(['x']);
});

const PLUGIN_FILE = `
import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({
  type: 'tag', summary: 'Tags.', stability: 'development', config: Type.Object({}), examples: [],
  create: () => ({ logs(batch) { for (const record of batch.records) record.attributes.set('tag', 'from a file'); } }),
});
`;

test('on workers, modules run, and values without a pure half; a pure value is refused with what to do', async () => {
  const dir = await folder();
  writeFileSync(join(dir, 'tag.ts'), PLUGIN_FILE);
  const capture = new Capture();
  const config = pipeline(['tag'], { workers: { threads: 1 } });
  const collector = await started({ config, plugins: [capture.definition, './tag.ts'], cwd: dir });
  await collector.receiver('app').logs([{ body: 'x' }]);
  expect(capture.bodies).toEqual(['x from a file']);

  const refusal = await rejection(
    Collector.start({ config, plugins: [capture.definition, tagger('x')], logger: 'silent' }),
  );
  expect(refusal).toMatchObject({
    code: 'PLUGIN_VALUE_ON_WORKER',
    message: 'the processor "tag" was passed as a value, which a worker cannot import',
    remedy: expect.stringContaining('service.workers.threads: 0') as unknown,
  });
});

test.each<[string, PluginInput[], string]>([
  ['two values of one type', [tagger('a'), tagger('b')], 'two values define the processor "tag"'],
  [
    'a value and a module of one type',
    [tagger('a'), './tag.ts'],
    'the plugin "./tag.ts" and a value define the processor "tag"',
  ],
  ['what is no definition', [{ type: 'x' } as never], 'plugins[0] of the options is not a component definition'],
  [
    'a module instead of its default export',
    [{ default: tagger('a') } as never],
    'plugins[0] of the options is not a component definition',
  ],
  [
    'a definition for another API',
    [tagger('a'), { ...new Capture().definition, api: 99 } as never],
    'plugins[1] of the options was made for version 99',
  ],
])('%s is refused', async (_case, plugins, message) => {
  const dir = await folder();
  writeFileSync(join(dir, 'tag.ts'), PLUGIN_FILE);
  const error = await rejection(Collector.start({ config: YAML, plugins, cwd: dir }));
  expect(error).toBeInstanceOf(ComponentError);
  expect(error.message).toContain(message);
});

test('a reload keeps the receivers that a program holds, and takes the file up again', async () => {
  const dir = await folder();
  const file = join(dir, 'config.yaml');
  writeFileSync(file, YAML);
  const capture = new Capture();
  const collector = await started({ config: file, plugins: [capture.definition, tagger('new')] });
  const receiver = collector.receiver('app');
  await receiver.logs([{ body: 'a' }]);
  writeFileSync(
    file,
    YAML.replace('exporters: [c', 'processors: [tag], exporters: [c').replace('exp', 'processors: { tag: }\nexp'),
  );
  await collector.reload();
  await receiver.logs([{ body: 'b' }]);
  expect(capture.bodies).toEqual(['a', 'b new']);

  writeFileSync(file, 'receivers: {}');
  expect(await rejection(collector.reload())).toBeInstanceOf(ConfigErrors);
  await receiver.logs([{ body: 'c' }]);

  await collector.reload({ config: YAML.replaceAll('in_process/app', 'in_process/other') });
  await collector.receiver('other').logs([{ body: 'd' }]);
  expect(capture.bodies).toEqual(['a', 'b new', 'c new', 'd']);
  expect(await rejection(receiver.logs([{}]))).toMatchObject({ code: 'RECEIVER_NOT_RUNNING', retryable: true });
});

test('shutdown waits for what is under way, says what was left, and refuses the rest for the moment', async () => {
  const capture = new Capture();
  const answer = Promise.withResolvers<void>();
  const asked = new Promise<void>((resolve) => {
    capture.answer = () => (resolve(), answer.promise);
  });
  let receiver;
  {
    await using collector = await Collector.start({ config: YAML, plugins: [capture.definition], logger: 'silent' });
    receiver = collector.receiver('app');
    const sent = receiver.logs([{ body: 'late' }]);
    await asked;
    const stopping = collector.shutdown();
    expect(collector.shutdown()).toBe(stopping);
    expect(await rejection(receiver.logs([{}]))).toMatchObject({ retryable: true });
    answer.resolve();
    expect(await sent).toEqual({ items: 1 });
    expect(await stopping).toEqual({ leftItems: 0, keptItems: 0, openSubmissions: 0 });
  }
  expect(capture.bodies).toEqual(['late']);
  expect(await rejection(receiver.logs([{}]))).toMatchObject({ code: 'RECEIVER_NOT_RUNNING', retryable: true });
});

test("the program's logger gets everything, without the secrets of the configuration", async () => {
  const log = new RecordingLogger();
  const capture = new Capture();
  capture.answer = () => Promise.reject(permanent('who says hunter2-secret?'));
  const config = YAML.replace('capture: }', 'capture: { token: hunter2-secret } }');
  const collector = await started({ config, plugins: [capture.definition], logger: log });
  await rejection(collector.receiver('app').logs([{}]));
  const text = JSON.stringify(log.lines);
  expect(text).toContain('[REDACTED]');
  expect(text).not.toContain('hunter2');
});
