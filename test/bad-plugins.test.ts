/** A plugin that misbehaves is named, what is wrong with it is said, and nothing else suffers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { besideAnother } from './harness/bystander.ts';
import { Destination, directly } from './harness/destination.ts';
import { launchCollector, type Millrace } from './harness/millrace.ts';
import { GrpcPeer, idsOf, logsJson, logsProto, post, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

/** A processor `bad` that runs `statement` for each record whose attribute `id` is `marked`. */
function badProcessor(statement: string, settings: { readonly before?: string } = {}): string {
  return `
import { defineProcessor, permanent, retryable, Type } from '@millrace/api';
${settings.before ?? ''}
export default defineProcessor({
  type: 'bad',
  summary: 'Misbehaves.',
  stability: 'development',
  config: Type.Object({}),
  examples: [],
  create: () => ({
    logs(batch) {
      for (const record of batch.records) {
        if (record.attributes.get('id') === 'marked') { ${statement} }
      }
    },
  }),
});
`;
}

async function collectorWith(
  plugin: string,
  destination: Destination,
  settings: { readonly threads: number; readonly service?: string },
): Promise<Millrace> {
  return launch(plugin, destination, settings).ready();
}

function launch(
  plugin: string,
  destination: Destination,
  settings: { readonly threads: number; readonly service?: string },
): Millrace {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'bad.ts'), plugin);
  return launchCollector(
    `
plugins: [./bad.ts]
receivers:
  otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 }, http: { endpoint: 127.0.0.1:0 } } }
  otlp/beside: { protocols: { http: { endpoint: 127.0.0.1:0 } } }
processors:
  bad:
exporters:
  otlphttp: ${directly(destination)}
service:
  ${settings.service ?? ''}
  pipelines:
    logs: { receivers: [otlp], processors: [bad], exporters: [otlphttp] }
    logs/beside: { receivers: [otlp/beside], exporters: [otlphttp] }
`,
    { cwd, threads: settings.threads },
  );
}

describe.each([0, 1])('with %i worker threads', (threads) => {
  test('a plugin that throws at import ends the start with its place and what it said', async () => {
    const collector = launch(
      `const settings: string = process.version;\nthrow new Error('no licence for ' + settings);`,
      await Destination.start(),
      { threads },
    );
    expect(await collector.exited).toEqual({ code: 1, signal: null });
    expect(collector.output).toMatch(
      /config\.yaml:2:11 {2}error {2}plugins\[0\] {2}.*bad\.ts.*throws when it is imported: .*bad\.ts:2:7: no licence for v24/,
    );
  });

  test('a plugin that does not parse ends the start with its place', async () => {
    const collector = launch(`export default {\n  type: 'x'\n  summary: 'y' };`, await Destination.start(), {
      threads,
    });
    expect(await collector.exited).toEqual({ code: 1, signal: null });
    expect(collector.output).toMatch(/config\.yaml:2:11 {2}error {2}plugins\[0\] {2}.*does not parse: .*bad\.ts:3:3: /);
  });

  test('a plugin that throws while it is created ends the start and is named', async () => {
    const plugin = badProcessor('')
      .replace('create: () => ({', `create: () => { throw new Error('no table'); return ({`)
      .replace('  }),\n});', '  }); },\n});');
    const collector = launch(plugin, await Destination.start(), { threads });
    expect(await collector.exited).toEqual({ code: 1, signal: null });
    expect(await collector.logged(/processor "bad".*no table/)).toMatchObject({ level: 'error' });
  });

  test('a receiver that throws at start ends the start and is named', async () => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'bad.ts'),
      `import { ComponentError, defineReceiver, Type } from '@millrace/api';
export default defineReceiver({ type: 'bad', summary: 'x', stability: 'development', signals: ['logs'], config: Type.Object({}), examples: [],
  create: () => ({ start() { throw new ComponentError('the device is missing', { code: 'NO_DEVICE', remedy: 'plug it in' }); } }) });`,
    );
    const collector = launchCollector(
      'plugins: [./bad.ts]\nreceivers: { bad: }\nexporters: { nop: }\nservice: { pipelines: { logs: { receivers: [bad], exporters: [nop] } } }',
      { cwd, threads },
    );
    expect(await collector.exited).toEqual({ code: 1, signal: null });
    const line = collector.log.entries.find(({ level }) => level === 'error');
    expect(line).toMatchObject({ msg: 'cannot start receiver "bad": the device is missing', remedy: 'plug it in' });
  });

  test('a processor that throws for one record: the sender learns of that one, the others go through', async () => {
    const destination = await Destination.start();
    const collector = await collectorWith(badProcessor(`throw new Error('cannot bear this record');`), destination, {
      threads,
    });
    const ids = ['a', 'b', 'marked', 'c', 'd'];
    const json = await besideAnother({ http: collector.http(1), destination }, () => postLogs(collector.http(), ids));
    expect(json.status).toBe(200);
    expect(JSON.parse(json.text)).toEqual({
      partialSuccess: {
        rejectedLogRecords: expect.toSatisfy((count: unknown) => String(count) === '1') as string,
        errorMessage: expect.stringMatching(/processor "bad" failed: cannot bear this record/) as string,
      },
    });
    const peer = new GrpcPeer(collector.grpc());
    const answer = await peer.export(logsProto(ids.map((id) => (id === 'marked' ? id : `grpc-${id}`))));
    expect(answer.code).toBe(0);
    expect(answer.response.toString()).toContain('cannot bear this record');
    const arrived = idsOf(destination.items.entries).filter((id) => !id.startsWith('bystander'));
    expect(arrived.sort()).toEqual(['a', 'b', 'c', 'd', 'grpc-a', 'grpc-b', 'grpc-c', 'grpc-d']);
    const scraped = await collector.scrape();
    expect(scraped.sum('otelcol_receiver_refused_log_records', { receiver: 'otlp' })).toBe(2);
    expect(scraped.sum('otelcol_receiver_accepted_log_records', { receiver: 'otlp' })).toBe(8);
  });

  test('a processor that throws for every record of a request: 400, and the next request is served', async () => {
    const destination = await Destination.start();
    const collector = await collectorWith(badProcessor(`throw new Error('cannot bear this record');`), destination, {
      threads,
    });
    const answer = await postLogs(collector.http(), ['marked']);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('cannot bear this record');
    expect(await collector.logged('processor "bad" failed: cannot bear this record')).toMatchObject({
      level: 'error',
      at: expect.stringMatching(/bad\.ts:13:\d+$/) as string,
    });
    expect((await postLogs(collector.http(), ['next'])).status).toBe(200);
  });

  test('a processor that asks for patience: 503, nothing of the request is taken', async () => {
    const destination = await Destination.start();
    const plugin = badProcessor(`throw retryable('the table is loading', { retryAfterMs: 7000 });`);
    const collector = await collectorWith(plugin, destination, { threads });
    const answer = await postLogs(collector.http(), ['a', 'marked', 'b']);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '7']);
    expect(answer.text).toContain('the table is loading');
    expect(destination.items.entries).toEqual([]);
  });
});

describe('on a worker', () => {
  const threads = 1;

  /** Sends a request with one marked record beside another client, and then one without. */
  async function expectOnlyTheMarkedLost(statement: string, why: RegExp, service: string): Promise<Millrace> {
    const destination = await Destination.start();
    const collector = await collectorWith(badProcessor(statement), destination, { threads, service });
    const answer = await besideAnother({ http: collector.http(1), destination }, () =>
      post(`${collector.http()}/v1/logs`, logsJson(['a', 'marked', 'b'])),
    );
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/"rejectedLogRecords":"?1"?/);
    expect(answer.text).toMatch(why);
    expect((await postLogs(collector.http(), ['after'])).status).toBe(200);
    const arrived = idsOf(destination.items.entries).filter((id) => !id.startsWith('bystander'));
    expect(arrived).toEqual(['a', 'b', 'after']);
    const scraped = await collector.scrape();
    expect(scraped.sum('millrace_workers_lost')).toBeGreaterThan(0);
    return collector;
  }

  // The second is a loop that V8 optimises so that it cannot be interrupted, unless told not to.
  test.each(['for (;;);', 'const kept = []; for (;;) kept[0] = new Array(1000).fill(0);'])(
    'a processor that never returns is ended at the deadline; only the record that it hangs on is refused: %s',
    async (statement) => {
      const collector = await expectOnlyTheMarkedLost(statement, /deadline|800 ?ms/, 'workers: { deadline: 800ms }');
      expect(await collector.stop()).toEqual({ code: 0, signal: null });
    },
  );

  test('a processor that exits loses its worker; only the record that it exits on is refused', async () => {
    const collector = await expectOnlyTheMarkedLost('process.exit(3);', /exit/, '');
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });

  test.each([
    'const kept = []; for (;;) kept.push(Array.from({ length: 10000 }, () => ({})));',
    'const kept = []; for (;;) kept.push(new Array(1000).fill(0));',
  ])(
    'a processor that exhausts the heap loses its worker; only the record that it grows on is refused: %s',
    async (statement) => {
      const collector = await expectOnlyTheMarkedLost(statement, /heap|memory/i, 'workers: { heap_mb: 64 }');
      expect(await collector.stop()).toEqual({ code: 0, signal: null });
    },
  );
});

describe('inline', () => {
  test('an error that a plugin lets escape outside of any call is reported, and everything goes on', async () => {
    const destination = await Destination.start();
    const plugin = badProcessor(`setTimeout(() => { throw new Error('escaped later'); });`);
    const collector = await collectorWith(plugin, destination, { threads: 0 });
    expect((await postLogs(collector.http(), ['marked'])).status).toBe(200);
    expect(await collector.logged('an error escaped from a component')).toMatchObject({ reason: 'escaped later' });
    expect((await postLogs(collector.http(), ['after'])).status).toBe(200);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('what never comes back', () => {
  const NEVER = 'return new Promise(() => {});';

  function launchWith(methods: { start?: string; send?: string; consume?: string }, service: string): Millrace {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'mute.ts'),
      `import { defineExporter, defineProcessor, Type } from '@millrace/api';
const common = { type: 'mute', summary: 'Says nothing.', stability: 'development', config: Type.Object({}), examples: [] };
export default [
  defineExporter({ ...common, signals: ['logs'], create: () => ({
    start() { ${methods.start ?? ''} },
    async send() { ${methods.send ?? ''} },
  }) }),
  defineProcessor({ ...common, stateful: { signals: ['logs'], create: (_config, host) => ({
    consume(batch) { ${methods.consume ?? 'return host.next([batch]);'} },
    async shutdown() {},
  }) } }),
];`,
    );
    return launchCollector(
      `
plugins: [./mute.ts]
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
processors: { mute: }
exporters: { mute: }
service:
  ${service}
  pipelines: { logs: { receivers: [otlp], processors: [mute], exporters: [mute] } }
`,
      { cwd, threads: 0 },
    );
  }

  test('a start: named, and ended at its limit', async () => {
    const collector = launchWith({ start: NEVER }, 'start_timeout: 300ms');
    expect(await collector.exited).toEqual({ code: 1, signal: null });
    expect(await collector.logged(/cannot start exporter "mute": .*within 0\.3 s/)).toMatchObject({ level: 'error' });
  });

  test('a start, while SIGTERM comes', async () => {
    const collector = launchWith({ start: `console.log('STARTING'); ${NEVER}` }, '');
    await collector.shows(/STARTING/);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(await collector.logged('shutting down while starting')).toMatchObject({ signal: 'SIGTERM' });
  });

  test('a send: at the end its sender is refused, within the bound', async () => {
    const collector = await launchWith({ send: `console.log('CALLED'); ${NEVER}` }, 'shutdown_timeout: 1s').ready();
    const answer = post(`${collector.http()}/v1/logs`, logsJson(['a']));
    await collector.shows(/CALLED/);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect((await answer).status).toBe(503);
    expect(await collector.logged(/sending failed/)).toMatchObject({ component: 'mute', items: 1 });
  });

  test('a consume: the shutdown ends within its bound and says what was left', async () => {
    const collector = await launchWith({ consume: `console.log('CALLED'); ${NEVER}` }, 'shutdown_timeout: 1s').ready();
    const answer = post(`${collector.http()}/v1/logs`, logsJson(['a'])).catch((error: unknown) => error);
    await collector.shows(/CALLED/);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(await collector.logged('stopped before everything was delivered')).toMatchObject({ unanswered: 1 });
    await collector.logged(/processor "mute" has not come back from consume, whose senders get no answer/);
    await answer;
  });
});

describe('a plugin that is no plugin ends the start, named, with the rule and the remedy', () => {
  const common = "summary: 's', stability: 'beta', config: {}, examples: []";
  const processor = (more: string) => `
import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({ type: 'bad', ${common}, create: () => ({ logs() {} }), ${more} });`;

  test.each([
    ['exports nothing', 'export const plugin = 1;', /plugin \.\/bad\.ts has no default export {2}export a definition/],
    [
      'exports something else',
      'export default { name: 1 };',
      /the default export of plugin \.\/bad\.ts is not a component definition {2}make it with one of define/,
    ],
    [
      'says no API version',
      `export default { kind: 'processor', type: 'bad', ${common}, create: () => ({}) };`,
      /plugin \.\/bad\.ts does not say for which version of the plugin API it was made {2}make it with one of define/,
    ],
    [
      'is of a later API version',
      `export default { kind: 'processor', api: 99, type: 'bad', ${common}, create: () => ({}) };`,
      /plugin \.\/bad\.ts was made for version 99 of the plugin API; this collector has version 1 {2}update Millrace/,
    ],
    [
      'has a type that is there already',
      processor("type: 'filter'"),
      /plugin "\.\/bad\.ts" defines the processor "filter", which "@millrace\/processor-filter" defines already {2}rename the type/,
    ],
    [
      'has a schema that is none',
      processor("config: { type: 'object', properties: { rate: { type: 'float' } } }"),
      /plugin \.\/bad\.ts: the processor "bad" has a config that is no schema: rate: there is no type "float" {2}make it with Type\.Object/,
    ],
    [
      'has no schema at all',
      processor("config: 'rate'"),
      /the processor "bad" has a config that is no schema: it is a string/,
    ],
    [
      'has no half',
      processor('create: undefined'),
      /plugin \.\/bad\.ts: the processor "bad" has no create or stateful or gate {2}write exactly one/,
    ],
    [
      'has two halves',
      processor("gate: { signals: ['logs'], create() {} }"),
      /the processor "bad" has create and gate, and may have one only/,
    ],
    [
      'has nothing as its schema',
      processor('config: undefined'),
      /the processor "bad" has a config that is no schema: it is undefined/,
    ],
    ['has examples that are none', processor("examples: ['bad:']"), /the processor "bad" has no list of examples/],
  ])('%s', async (_name, plugin, message) => {
    const collector = launch(plugin, await Destination.start(), { threads: 0 });
    expect(await collector.exited).toEqual({ code: 1, signal: null });
    expect(collector.output).toMatch(message);
    expect(collector.output).toMatch(/config\.yaml:2:11 {2}error {2}plugins\[0\] {2}/);
    // That its components are missing then is no news.
    expect(collector.output).toMatch(/^1 error$/m);
  });
});

describe('errors that nobody waits for', () => {
  /** An exporter that leaves a promise behind which fails after its own shutdown, while another one still stops. */
  const late = `import { defineExporter, Type } from '@millrace/api';
const common = { summary: 's', stability: 'development', config: Type.Object({}), examples: [], signals: ['logs'] };
const send = () => Promise.resolve();
export default [
  defineExporter({ ...common, type: 'late', create: () => ({ send, shutdown() { setTimeout(() => Promise.reject(new Error('too late')), 20); } }) }),
  defineExporter({ ...common, type: 'slow', create: () => ({ send, shutdown: () => new Promise((resolve) => setTimeout(resolve, 300)) }) }),
];
`;

  test('after a shutdown are reported with the plugin and the place, and do not change how the process ends', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'late.ts'), late);
    const collector = await launchCollector(
      'plugins: [./late.ts]\nreceivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }\nexporters: { late: , slow: }\nservice: { pipelines: { logs: { receivers: [otlp], exporters: [late, slow] } } }',
      { cwd },
    ).ready();
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(collector.log.entries.find(({ msg }) => msg === 'an error escaped from a component')).toMatchObject({
      reason: 'too late',
      plugin: './late.ts',
      at: expect.stringMatching(/late\.ts:5:\d+$/) as string,
      remedy: expect.stringContaining('await every promise') as string,
    });
  });

  test('on a worker are reported with the plugin, and the next request is served', async () => {
    const destination = await Destination.start();
    const plugin = badProcessor(`setTimeout(() => { Promise.reject(new Error('escaped later')); });`);
    const collector = await collectorWith(plugin, destination, { threads: 1 });
    expect((await postLogs(collector.http(), ['marked'])).status).toBe(200);
    expect(await collector.logged('a worker died while it was idle')).toMatchObject({
      error: 'escaped later',
      plugin: './bad.ts',
      at: expect.stringMatching(/bad\.ts:\d+:\d+$/) as string,
    });
    expect((await postLogs(collector.http(), ['after'])).status).toBe(200);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('a stateful processor that does not keep to the rules of batches is named, and harms nobody', () => {
  async function sendThrough(consume: string): Promise<{ collector: Millrace; status: number; arrived: string[] }> {
    const cwd = temporaryFolder();
    const destination = await Destination.start();
    writeFileSync(
      join(cwd, 'held.ts'),
      `import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({ type: 'held', summary: 's', stability: 'development', config: Type.Object({}), examples: [],
  stateful: { signals: ['logs'], create: (_config, host) => ({ async consume(batch) { ${consume} }, async shutdown() {} }) } });`,
    );
    const collector = await launchCollector(
      `
plugins: [./held.ts]
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
processors: { held: }
exporters: { otlphttp: ${directly(destination)} }
service: { pipelines: { logs: { receivers: [otlp], processors: [held], exporters: [otlphttp] } } }
`,
      { cwd },
    ).ready();
    const { status } = await postLogs(collector.http(), ['a']);
    return { collector, status, arrived: idsOf(destination.items.entries) };
  }

  test('passing a batch on twice: the second time is refused', async () => {
    const { collector, status, arrived } = await sendThrough('await host.next([batch]); await host.next([batch]);');
    expect([status, arrived]).toEqual([400, ['a']]);
    expect(
      await collector.logged(/processor "held" passes on a batch that it has passed on or released before/),
    ).toMatchObject({
      level: 'error',
      rule: expect.stringContaining('once') as string,
      remedy: expect.stringContaining('share()') as string,
    });
  });

  test('releasing what was passed on: nothing is released twice', async () => {
    const { collector, status, arrived } = await sendThrough('await host.next([batch]); batch.release();');
    expect([status, arrived]).toEqual([200, ['a']]);
    await collector.logged(/processor "held" releases a batch that it has passed on or released before/);
  });

  test('passing on what was released: it is not sent, as its memory may hold something else', async () => {
    const { collector, status, arrived } = await sendThrough('batch.release(); await host.next([batch]);');
    expect([status, arrived]).toEqual([400, []]);
    await collector.logged(/processor "held" passes on a batch that/);
  });
});
