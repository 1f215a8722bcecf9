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
    await answer;
  });
});
