/** Stopping, at any moment and with anything in the way: within the bound, with exit code 0, saying what was left. */
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { atEndOf } from './harness/cleanup.ts';
import { Destination, directly } from './harness/destination.ts';
import { type Millrace, runMillrace, startCollector } from './harness/millrace.ts';
import { itemsOfLines } from './harness/otlp-items.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS, pipeThrough } from './harness/programs.ts';
import { GrpcPeer, idList, idsOf, logsJson, logsProto, post, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const RECEIVER = 'otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 }, http: { endpoint: 127.0.0.1:0 } } }';
/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:9';

beforeAll(() => ensurePrograms('age', 'zstd'), INSTALL_TIMEOUT_MS);

describe('stopped under load', () => {
  const moments = [1, 7, 40, 150, 400];

  test.each(moments.flatMap((acknowledged) => [0, 1].map((threads) => ({ acknowledged, threads }))))(
    'after $acknowledged requests ($threads threads): what was acknowledged is in the sealed file, whole',
    async ({ acknowledged, threads }) => {
      const folder = temporaryFolder();
      const keyFile = join(folder, 'key.txt');
      pipeThrough('age-keygen', ['-o', keyFile]);
      const recipient = pipeThrough('age-keygen', ['-y', keyFile]).toString().trim();
      const collector = await startCollector(
        `
receivers: { ${RECEIVER} }
processors: { batch: { timeout: 50ms } }
exporters: { file: { path: out.zst.age, compression: zstd, encryption: { recipients: [${recipient}] } } }
service: { pipelines: { logs: { receivers: [otlp], processors: [batch], exporters: [file] } } }
`,
        { threads },
      );
      const load = new Load(collector, 8);
      await load.reached(acknowledged);
      expect(await collector.stop()).toEqual({ code: 0, signal: null });
      const sure = await load.end();
      expect(collector.log.entries.at(-1)).toMatchObject({ msg: 'stopped, everything was delivered' });

      const sealed = pipeThrough('age', ['-d', '-i', keyFile, join(collector.cwd, 'out.zst.age')]);
      const written = idsOf(itemsOfLines(pipeThrough('zstd', ['-d', '-c'], sealed).toString()));
      expect(new Set(written).size).toBe(written.length);
      expect(sure.filter((id) => !written.includes(id))).toEqual([]);
      expect(sure.length).toBeGreaterThanOrEqual(acknowledged);
    },
  );

  test.each([1, 30, 200])('kill -9 after %i requests: what was acknowledged is in the file', async (acknowledged) => {
    const collector = await startCollector(
      `
receivers: { ${RECEIVER} }
exporters: { file: { path: out.jsonl.zst, compression: zstd, fsync: true } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [file] } } }
`,
      { threads: 1 },
    );
    const load = new Load(collector, 8);
    await load.reached(acknowledged);
    await collector.stop('SIGKILL');
    const sure = await load.end();
    const { stdout } = await runMillrace(['cat', join(collector.cwd, 'out.jsonl.zst'), '--json']);
    const written = new Set(idsOf(itemsOfLines(stdout)));
    expect(sure.filter((id) => !written.has(id))).toEqual([]);
  });

  test.each([1, 60])('kill -9 after %i requests: a sealed file with fsync has all of it, too', async (acknowledged) => {
    const folder = temporaryFolder();
    const keyFile = join(folder, 'key.txt');
    pipeThrough('age-keygen', ['-o', keyFile]);
    const recipient = pipeThrough('age-keygen', ['-y', keyFile]).toString().trim();
    const collector = await startCollector(
      `
receivers: { ${RECEIVER} }
exporters: { file: { path: out.zst.age, compression: zstd, fsync: true, encryption: { recipients: [${recipient}] } } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [file] } } }
`,
      { threads: 1 },
    );
    const load = new Load(collector, 8);
    await load.reached(acknowledged);
    await collector.stop('SIGKILL');
    const sure = await load.end();
    const { stdout } = await runMillrace(['cat', join(collector.cwd, 'out.zst.age'), '--identity', keyFile, '--json']);
    const written = new Set(idsOf(itemsOfLines(stdout)));
    expect(sure.filter((id) => !written.has(id))).toEqual([]);
  });
});

describe('a dead destination', () => {
  test.each([
    ['a sender that waits for the result', '{ endpoint: DEAD, sending_queue: { wait_for_result: true } }', ''],
    ['no queue', '{ endpoint: DEAD, sending_queue: { enabled: false } }', ''],
    [
      'a batch in front of a full queue',
      '{ endpoint: DEAD, sending_queue: { queue_size: 1, num_consumers: 1 } }',
      'batch',
    ],
  ])('and %s: the stop drains within its bound, ends with 0 and reports', async (_case, exporter, processor) => {
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
processors: { batch: { timeout: 10ms } }
exporters: { otlphttp: ${exporter.replace('DEAD', `"${DEAD}"`)} }
service:
  shutdown_timeout: 1s
  pipelines: { logs: { receivers: [otlp], processors: [${processor}], exporters: [otlphttp] } }
`);
    const answers = idList('held', 3).map((id) => postLogs(collector.http(), [id]).catch(() => undefined));
    await collector.logged('sending failed, will try again');
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(collector.log.entries.at(-1)?.['msg']).toMatch(/^stopped/);
    await Promise.all(answers);
  });

  test('with a queue: ends within shutdown_timeout with exit code 0 and says how much was left', async () => {
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters: { otlphttp: { endpoint: "${DEAD}", retry_on_failure: { initial_interval: 50ms } } }
service: { shutdown_timeout: 500ms, pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
    for (const id of idList('left', 4)) expect((await postLogs(collector.http(), [id, `${id}-too`])).status).toBe(200);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(await collector.logged('stopped before everything was delivered')).toMatchObject({
      left_items: 8,
      remedy: expect.stringContaining('sending_queue.storage') as string,
    });
    expect(await collector.logged('shutting down')).toMatchObject({ signal: 'SIGTERM' });
  });

  test('without a queue: waiting senders are told to come back, and the end is clean', async () => {
    const destination = await Destination.start();
    destination.answer = { status: 503 };
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters: { otlphttp: { endpoint: "${destination.url}", encoding: json, sending_queue: { enabled: false }, retry_on_failure: { initial_interval: 50ms } } }
service: { shutdown_timeout: 500ms, pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
    const http = postLogs(collector.http(), ['over-http']);
    const call = new GrpcPeer(collector.grpc()).export(logsProto(['over-grpc']));
    for (const id of ['over-http', 'over-grpc']) await destination.requests.find((items) => idsOf(items).includes(id));
    const [exit, answer, status] = await Promise.all([collector.stop(), http, call]);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(answer.status).toBe(503);
    expect(status.code).toBe(14);
  });

  test('one dead branch of two does not keep the other from delivering', async () => {
    const destination = await Destination.start();
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters:
  otlphttp/dead: { endpoint: "${DEAD}" }
  otlphttp: ${directly(destination)}
service: { shutdown_timeout: 500ms, pipelines: { logs: { receivers: [otlp], exporters: [otlphttp/dead, otlphttp] } } }
`);
    const ids = idList('both', 10);
    for (const id of ids) expect((await postLogs(collector.http(), [id])).status).toBe(200);
    expect(idsOf(destination.items.entries)).toEqual(ids);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(await collector.logged('stopped before everything was delivered')).toMatchObject({ left_items: 10 });
  });

  test('a destination that never answers is not waited for beyond shutdown_timeout', async () => {
    const destination = await Destination.start();
    destination.answer = 'hang';
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters: { otlphttp: { endpoint: "${destination.url}", encoding: json, timeout: 0s } }
service: { shutdown_timeout: 500ms, pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
    await postLogs(collector.http(), ['hanging']);
    await destination.requests.find(() => true);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    expect(await collector.logged('stopped before everything was delivered')).toMatchObject({ left_items: 1 });
  });
});

describe('signals', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('a second %s ends the process at once with exit code 1', async (signal) => {
    const destination = await Destination.start();
    destination.answer = 'hang';
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters: { otlphttp: { endpoint: "${destination.url}", encoding: json, timeout: 0s } }
service: { shutdown_timeout: 1h, pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
    await postLogs(collector.http(), ['stuck']);
    await destination.requests.find(() => true);
    collector.signal(signal);
    await collector.logged('shutting down');
    // What comes at once is taken for the same signal, passed on by npm or a supervisor; a person comes later.
    const again = setInterval(() => collector.signal(signal), 20);
    atEndOf('test', () => clearInterval(again));
    expect(await collector.exited).toEqual({ code: 1, signal: null });
  });

  test('a signal in the middle of the start is heard: what was started is stopped in order', async () => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, 'impatient.ts'),
      `import { defineReceiver, Type } from '@millrace/api';
export default defineReceiver({
  type: 'impatient', summary: 'Wants to end.', stability: 'development', signals: ['logs'], config: Type.Object({}), examples: [],
  create: (_config, host) => ({
    start() { process.kill(process.pid, 'SIGTERM'); },
    shutdown() { host.logger.info('stopped in order'); },
  }),
});`,
    );
    const collector = await startCollector(
      `
plugins: [./impatient.ts]
receivers: { impatient: }
exporters: { nop: }
service: { pipelines: { logs: { receivers: [impatient], exporters: [nop] } } }
`,
      { cwd },
    );
    expect(await collector.exited).toEqual({ code: 0, signal: null });
    await collector.logged('stopped in order');
    await collector.logged('stopped, everything was delivered');
  });

  test('the same signal several times in a row, as from npm and its process group, is one', async () => {
    const destination = await Destination.start();
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters: { otlphttp: { endpoint: "${destination.url}", encoding: json } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
    await postLogs(collector.http(), ['kept']);
    for (let time = 0; time < 3; time++) collector.signal('SIGTERM');
    expect(await collector.exited).toEqual({ code: 0, signal: null });
    expect(idsOf(destination.items.entries)).toEqual(['kept']);
  });

  test('requests under way when the signal comes are answered, later ones are refused', async () => {
    const destination = await Destination.start();
    destination.answer = 'hang';
    const collector = await startCollector(`
receivers: { ${RECEIVER} }
exporters: { otlphttp: ${directly(destination)} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
    const underWay = postLogs(collector.http(), ['under-way']);
    await destination.requests.find(() => true);
    collector.signal('SIGTERM');
    await collector.logged('shutting down');
    await expect(postLogs(collector.http(), ['late'])).rejects.toThrow(/ECONNREFUSED|ECONNRESET|hang up/);
    destination.answer = { status: 200 };
    expect((await underWay).status).toBe(200);
    expect(await collector.exited).toEqual({ code: 0, signal: null });
    expect(idsOf(destination.items.entries)).toEqual(['under-way']);
  });
});

test('the same input gives the same files with and without workers, byte for byte', async () => {
  const files = ['out.jsonl', 'out.binpb', 'out.jsonl.zst', 'out.jsonl.lz4', 'out.jsonl.gz'];
  const contents: Record<string, Buffer>[] = [];
  for (const threads of [0, 1, 2]) {
    const collector = await startCollector(
      `
receivers: { ${RECEIVER} }
processors:
  attributes: { actions: [{ key: id, action: hash }, { key: edited, value: 12, action: insert }] }
  resource: { attributes: [{ key: service.name, from_attribute: nothing, action: upsert }, { key: env, value: test, action: insert }] }
exporters:
  file/json: { path: out.jsonl }
  file/proto: { path: out.binpb, format: proto }
  file/zstd: { path: out.jsonl.zst, compression: zstd }
  file/lz4: { path: out.jsonl.lz4, compression: lz4 }
  file/gzip: { path: out.jsonl.gz, compression: gzip }
service:
  pipelines:
    logs:
      receivers: [otlp]
      processors: [attributes, resource]
      exporters: [file/json, file/proto, file/zstd, file/lz4, file/gzip]
`,
      { threads },
    );
    for (let round = 0; round < 10; round++) {
      const answer = await post(`${collector.http()}/v1/logs`, logsJson(idList(`round-${round}`, 1 + round * 50)));
      expect(answer.status).toBe(200);
    }
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    contents.push(Object.fromEntries(files.map((name) => [name, readFileSync(join(collector.cwd, name))])));
  }
  const [inline, one, two] = contents as [Record<string, Buffer>, Record<string, Buffer>, Record<string, Buffer>];
  for (const name of files) {
    expect(inline[name]?.length).toBeGreaterThan(100);
    expect({ name, same: one[name]?.equals(inline[name]) }).toEqual({ name, same: true });
    expect({ name, same: two[name]?.equals(inline[name]) }).toEqual({ name, same: true });
  }
});

/** Senders that send one record after the other until the collector goes away, and remember what was acknowledged. */
class Load {
  readonly #acknowledged: string[] = [];
  readonly #senders: Promise<void>[];
  readonly #watchers = new Set<() => void>();
  readonly #agent: Agent;

  constructor(collector: Millrace, senders: number) {
    this.#agent = new Agent({ keepAlive: true });
    atEndOf('test', () => this.#agent.destroy());
    const url = `${collector.http()}/v1/logs`;
    this.#senders = idList('sender', senders).map((name) => this.#send(url, name));
  }

  /** Resolves when so many requests were acknowledged. */
  async reached(count: number): Promise<void> {
    while (this.#acknowledged.length < count) await new Promise<void>((resolve) => this.#watchers.add(resolve));
  }

  /** What was acknowledged, once the collector has refused or left every sender. */
  async end(): Promise<readonly string[]> {
    await Promise.all(this.#senders);
    return this.#acknowledged;
  }

  async #send(url: string, name: string): Promise<void> {
    for (let next = 0; ; next++) {
      const id = `${name}-${next}`;
      if (!(await this.#post(url, logsJson([id])))) return;
      this.#acknowledged.push(id);
      for (const resolve of this.#watchers) resolve();
      this.#watchers.clear();
    }
  }

  #post(url: string, body: string): Promise<boolean> {
    return new Promise((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = request(url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode === 200));
        response.on('error', () => resolve(false));
      });
      call.on('error', () => resolve(false));
      call.end(body);
    });
  }
}

test.each([0, 1])('nobody reads its outputs any more (%i threads): it goes on, and ends cleanly', async (threads) => {
  const destination = await Destination.start();
  const collector = await startCollector(
    `
receivers: { ${RECEIVER} }
exporters: { otlphttp: ${directly(destination)}, debug: { verbosity: detailed } }
service:
  telemetry: { logs: { level: debug } }
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp, debug] } }
`,
    { threads },
  );
  collector.hangUp();
  // The debug exporter writes each of them; the refusals make lines of the collector's own log.
  destination.answer = { status: 503 };
  expect((await postLogs(collector.http(), idList('refused', 3))).status).toBe(503);
  destination.answer = { status: 200 };
  for (let round = 0; round < 5; round++) {
    expect((await postLogs(collector.http(), idList(`round-${round}`, 100))).status).toBe(200);
  }
  expect((await collector.scrape()).sum('otelcol_exporter_sent_log_records', { exporter: 'otlphttp' })).toBe(500);
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
});
