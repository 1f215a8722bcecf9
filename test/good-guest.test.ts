/** What a collector inside a program leaves alone: the program's end, its signals, its globals and its own telemetry. */
import { expect, test } from 'vitest';
import { ended, runHost, startHost } from './harness/host.ts';
import { startCollector } from './harness/millrace.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

/** A collector that takes OTLP on free ports: `at('http')`, `at('grpc')` tell where. */
const LISTENER = `
import { Collector } from 'millrace';
const listener = await Collector.start({ logger: 'silent', config: {
  receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } } },
  exporters: { debug: null },
  service: { pipelines: { logs: { receivers: ['otlp'], exporters: ['debug'] } } },
} });
const at = (scheme) => listener.announcements.find(({ place }) => place.startsWith(scheme)).place;
`;

test.each([0, 1])(
  'a program whose own work is over ends, although collectors listen, are connected and have a store open (%i threads)',
  async (threads) => {
    const run = await runHost(
      `${LISTENER}
const collector = await Collector.start({ config: {
  receivers: { 'in_process/app': null },
  exporters: {
    otlphttp: { endpoint: at('http'), sending_queue: { storage: 'file_storage' } },
    otlp: { endpoint: at('grpc').slice('grpc://'.length), tls: { insecure: true } },
  },
  extensions: { file_storage: { directory: process.env.FOLDER } },
  service: {
    workers: { threads: ${threads} }, extensions: ['file_storage'],
    pipelines: { logs: { receivers: ['in_process/app'], exporters: ['otlphttp', 'otlp'] } },
  },
} });
await collector.receiver('app').logs([{ body: 'x' }]);
while (listener.snapshot().received < 2) await new Promise((resolve) => setTimeout(resolve, 10));
console.log('done', collector.ready, listener.ready);
`,
      { FOLDER: temporaryFolder() },
    );
    expect(run).toEqual({ code: 0, signal: null, stdout: ['done true true'], stderr: [] });
  },
);

/** A collector in which \`sent\` tells what arrived, after a while that does not keep a process alive. */
const SLOW = `
import { defineExporter, Type } from '@millrace/api';
import { Collector } from 'millrace';
const sent = [];
const slow = defineExporter({
  type: 'slow', summary: 'Takes its time.', stability: 'development', signals: ['logs'], config: Type.Object({}), examples: [],
  create: () => ({ send: ({ items }) => new Promise((resolve) => setTimeout(() => { sent.push(items); resolve(); }, 30).unref()) }),
});
const config = {
  receivers: { in_process: null }, exporters: { slow: null },
  service: { pipelines: { logs: { receivers: ['in_process'], exporters: ['slow'] } } },
};
`;

test('a program lives for as long as it waits for an acknowledgement, a reload or the shutdown', async () => {
  const run = await runHost(`${SLOW}
const collector = await Collector.start({ plugins: [slow], config, logger: 'silent' });
console.log(await collector.receiver().logs([{}, {}]));
await collector.reload();
collector.receiver().logs([{}]);
console.log(await collector.shutdown(), sent);
`);
  expect(run.stdout).toEqual(['{ items: 2 }', '{ leftItems: 0, keptItems: 0, openSubmissions: 0 } [ 2, 1 ]']);
  expect(run).toMatchObject({ code: 0, stderr: [] });
});

test('with ref, the collector keeps the program alive until it is shut down', async () => {
  const host = startHost(`${SLOW}
const collector = await Collector.start({ plugins: [slow], config, logger: 'silent', ref: true });
process.once('SIGUSR2', () => collector.shutdown().then(() => console.log('stopped')));
console.log('ready');
`);
  await host.stdout.find((line) => line === 'ready');
  host.signal('SIGUSR2');
  expect(await ended(host)).toEqual({ code: 0, signal: null, stdout: ['ready', 'stopped'], stderr: [] });
});

test('asked to, it shuts down on a signal, and then the signal ends the program as ever', async () => {
  const host = startHost(`${SLOW}
const collector = await Collector.start({ plugins: [slow], config, logger: 'silent', ref: true, shutdownOn: ['SIGTERM'] });
collector.receiver().logs([{}]).then(() => console.log('delivered'));
console.log('ready');
`);
  await host.stdout.find((line) => line === 'ready');
  host.signal('SIGTERM');
  expect(await ended(host)).toEqual({ code: null, signal: 'SIGTERM', stdout: ['ready', 'delivered'], stderr: [] });
});

test("a program's own listener for the signal decides about its end", async () => {
  const host = startHost(`${SLOW}
const collector = await Collector.start({ plugins: [slow], config, logger: 'silent', shutdownOn: ['SIGTERM'] });
const mine = setInterval(() => undefined, 1e6);
process.on('SIGTERM', async () => {
  await collector.shutdown();
  console.log('mine', process.listenerCount('SIGTERM'));
  process.exitCode = 5;
  clearInterval(mine);
});
console.log('ready');
`);
  await host.stdout.find((line) => line === 'ready');
  host.signal('SIGTERM');
  expect(await ended(host)).toMatchObject({ code: 5, signal: null, stdout: ['ready', expect.stringMatching(/^mine/)] });
});

/** What a program can see of itself; \`differences\` tells what has changed since \`before\`. */
const WATCHED = `
import module from 'node:module';
const calls = [];
for (const name of ['exit', 'abort', 'reallyExit', 'kill', 'chdir']) process[name] = (...args) => void calls.push([name, ...args]);
const { registerHooks } = module;
module.registerHooks = (...args) => (calls.push(['registerHooks']), registerHooks(...args));
module.syncBuiltinESMExports();
process.on('unhandledRejection', (reason) => calls.push(['unhandledRejection', String(reason)]));
process.on('uncaughtException', (error) => calls.push(['uncaughtException', String(error)]));
process.on('warning', (warning) => calls.push(['warning', String(warning)]));
const listeners = (emitter) => Object.fromEntries(emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)]));
const identities = (object) => Object.fromEntries(Reflect.ownKeys(object).map((key) => [String(key), object[key]]));
const look = () => ({
  calls: [...calls],
  process: listeners(process), stdout: listeners(process.stdout), stderr: listeners(process.stderr),
  console: identities(console),
  write: [process.stdout.write, process.stderr.write],
  globals: Reflect.ownKeys(globalThis).map(String),
  telemetry: identities(globalThis[Symbol.for('opentelemetry.js.api.1')] ?? {}),
  env: { ...process.env }, title: process.title, exitCode: process.exitCode,
  stack: [Error.stackTraceLimit, Error.prepareStackTrace],
});
void [process.stdout, process.stderr];
const before = look();
const { isDeepStrictEqual } = await import('node:util');
const differences = () => {
  const now = look();
  return Object.keys(now).filter((key) => !isDeepStrictEqual(now[key], before[key])).map((key) => [key, before[key], now[key]]);
};
`;

test.each([0, 1])(
  'whatever fails in it, it does not end the process, and leaves signals, console and globals alone (%i threads)',
  async (threads) => {
    const run = await runHost(
      `${WATCHED}
const { defineExporter, Type, ComponentError } = await import('@millrace/api');
const { Collector } = await import('millrace');
const moody = defineExporter({
  type: 'moody', summary: 'Fails.', stability: 'development', signals: ['logs'], examples: [],
  config: Type.Object({ at: Type.String({ description: 'When.' }) }),
  create: ({ at }) => ({
    start: () => { if (at === 'start') throw new Error('moody at start'); },
    send: () => at === 'send' ? Promise.reject(new Error('moody at send')) : Promise.resolve(),
    shutdown: () => { if (at === 'shutdown') throw new Error('moody at shutdown'); },
  }),
});
const config = (at, more = {}) => ({
  receivers: { 'in_process/app': null, ...more }, exporters: { moody: { at } },
  service: { workers: { threads: ${threads} }, pipelines: { logs: { receivers: ['in_process/app', ...Object.keys(more)], exporters: ['moody'] } } },
});
const options = { plugins: [moody], logger: 'silent' };
const failures = [];
const fails = (work) => work.then(() => failures.push('nothing'), (error) => failures.push(error.message.split('\\n')[0]));
await fails(Collector.start({ ...options, config: {} }));
await fails(Collector.start({ ...options, config: config('start') }));
const running = await Collector.start({ ...options, config: config('send', { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } }) });
const endpoint = running.announcements[0].place.slice('http://'.length);
await fails(Collector.start({ ...options, config: config('never', { otlp: { protocols: { http: { endpoint } } } }) }));
await fails(running.receiver('app').logs([{}]));
await fails(running.reload({ config: config('start') }));
console.log(JSON.stringify(differences()));
const last = await Collector.start({ ...options, config: config('shutdown') });
await last.receiver('app').logs([{}]);
await Promise.all([running.shutdown(), last.shutdown()]);
console.log(JSON.stringify(differences()));
console.log(JSON.stringify(failures));
`,
    );
    expect(run.stderr).toEqual([]);
    expect(run.code).toBe(0);
    const [during, after, failures] = run.stdout.map((line) => JSON.parse(line) as unknown);
    // While a worker lives, Node itself has its output at hand.
    const ofNode = threads > 0 ? ['stdout', 'stderr'] : [];
    expect((during as [string][]).filter(([what]) => !ofNode.includes(what))).toEqual([]);
    expect(after).toEqual([]);
    expect(failures).toEqual([
      expect.stringContaining('the section "service" is missing'),
      expect.stringContaining('moody at start'),
      expect.stringContaining('the port is in use'),
      expect.stringContaining('moody at send'),
      expect.stringContaining('moody at start'),
    ]);
  },
);

test("the program's own providers stay, and its instrumentations see nothing of what the collector sends", async () => {
  const run = await runHost(`
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import { createServer, get } from 'node:http';
import { context, metrics, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { Collector } from 'millrace';

const storage = new AsyncLocalStorage();
context.setGlobalContextManager({
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (of, work, self, ...args) => storage.run(of, () => work.apply(self, args)),
  bind: (of, target) => target, enable() { return this; }, disable() { return this; },
});
const tracing = new BasicTracerProvider();
const metering = new MeterProvider();
trace.setGlobalTracerProvider(tracing);
metrics.setGlobalMeterProvider(metering);

const seen = [];
subscribe('http.client.request.start', ({ request }) => seen.push([request.path, isTracingSuppressed(context.active()), trace.getActiveSpan() !== undefined]));
let answers = [503, 200];
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(request.url === '/own' ? 200 : answers.shift() ?? 200).end());
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = 'http://127.0.0.1:' + server.address().port;
const own = () => new Promise((resolve) => get(url + '/own', (response) => response.resume().on('end', resolve)));

const queue = { enabled: false };
const exporter = { endpoint: url, retry_on_failure: { initial_interval: '1ms' } };
const pipeline = { receivers: ['in_process', 'otlp'], exporters: ['otlphttp/direct', 'otlphttp/queue'] };
const config = {
  receivers: { in_process: null, otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
  exporters: { 'otlphttp/direct': { ...exporter, sending_queue: queue }, 'otlphttp/queue': exporter },
  service: { pipelines: { logs: pipeline } },
};
const tracer = trace.getTracer('host');
const collector = await tracer.startActiveSpan('start', () => Collector.start({ config, logger: 'silent' }));
await tracer.startActiveSpan('work', async (span) => {
  await collector.receiver().logs([{ body: 'in process' }]);
  await own();
  span.end();
});
const intake = collector.announcements.find(({ kind }) => kind === 'receiver').place;
const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] });
const answer = await fetch(intake + '/v1/logs', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
await collector.shutdown();
console.log(answer.status, trace.getTracerProvider().getDelegate?.() === tracing, metrics.getMeterProvider() === metering);
const of = (path) => [...new Set(seen.filter(([each]) => each === path).map(([, ...sees]) => sees.join()))];
console.log(JSON.stringify({ count: seen.length, collector: of('/v1/logs'), own: of('/own') }));
server.close();
`);
  expect(run.stderr).toEqual([]);
  expect(run.stdout[0]).toBe('200 true true');
  // Two requests to each of two exporters, one of them again, and the program's own: suppressed or not, in a span or not.
  expect(JSON.parse(run.stdout[1] ?? '')).toEqual({ count: 6, collector: ['true,false'], own: ['false,true'] });
  expect(run.code).toBe(0);
});

test('in a collector of its own, a receiver that programs feed says that nobody does, and the rest runs', async () => {
  const collector = await startCollector(`
receivers: { in_process/app: }
exporters: { nop: }
service: { pipelines: { logs: { receivers: [in_process/app], exporters: [nop] } } }
`);
  expect(await collector.logged('component failed')).toMatchObject({
    component: 'in_process/app',
    reason: expect.stringContaining('no program feeds this receiver') as unknown,
  });
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
});
