/** `millrace generate` against collectors that run, and the counts of its sink behind them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArrivalTotals, LoadReport } from '@millrace/load';
import { Certificates } from '@millrace/transport/certificates';
import type { Lifetime } from './harness/cleanup.ts';
import { Destination, directly } from './harness/destination.ts';
import { eventually } from './harness/eventually.ts';
import { BIN, NODE, Program, REPOSITORY, runMillrace, startCollector } from './harness/millrace.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS } from './harness/programs.ts';
import { logsJson } from './harness/requests.ts';

interface Sink {
  /** Where it listens: HTTP, then gRPC. */
  readonly places: readonly [string, string];
  /** Where its counts are. */
  readonly counts: string;
  readonly program: Program;
}

interface SinkSettings {
  readonly listen?: readonly string[];
  readonly args?: readonly string[];
  readonly lifetime?: Lifetime;
}

async function startSink(settings: SinkSettings = {}): Promise<Sink> {
  const { listen = ['http://127.0.0.1:0', 'grpc://127.0.0.1:0'], args = [], lifetime = 'test' } = settings;
  const places = listen.flatMap((place) => ['--listen', place]);
  const command = ['generate', 'sink', ...places, '--counts', '127.0.0.1:0', '-o', 'json', ...args];
  const program = new Program(command, { lifetime });
  const line = await program.stdout.find((each) => each.startsWith('{'));
  return { ...(JSON.parse(line) as Pick<Sink, 'places' | 'counts'>), program };
}

interface BetweenSettings {
  readonly processors?: Readonly<Record<string, string>>;
  /** Further settings of the receivers. */
  readonly server?: string;
  readonly lifetime?: Lifetime;
}

/** A collector between the generator and a sink; an acknowledgement means that the sink has the data. */
async function startBetween({ places: [http] }: Sink, settings: BetweenSettings = {}) {
  const { processors = {}, server = '', lifetime = 'test' } = settings;
  const safe = 'sending_queue: { enabled: false }, retry_on_failure: { enabled: false }';
  const pipeline = `{ receivers: [otlp], processors: [${Object.keys(processors).join()}], exporters: [otlphttp] }`;
  const collector = await startCollector(
    `
receivers:
  otlp: { protocols: { http: { endpoint: 127.0.0.1:0 ${server} }, grpc: { endpoint: 127.0.0.1:0 ${server} } } }
processors: { ${Object.entries(processors)
      .map(([id, config]) => `${id}: ${config}`)
      .join()} }
exporters: { otlphttp: { endpoint: "${http}", compression: none, ${safe} } }
service: { pipelines: { logs: ${pipeline}, traces: ${pipeline}, metrics: ${pipeline} } }
`,
    { lifetime },
  );
  const placeOf = (protocol: string) =>
    collector.places.find((place) => new RegExp(`^${protocol}s?://`).test(place) && place !== http) ?? '';
  return { http: placeOf('http'), grpc: placeOf('grpc') };
}

interface Outcome {
  readonly code: number | null;
  readonly report: LoadReport;
  readonly stderr: string;
}

async function generate(signal: string, ...args: readonly string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await runMillrace(['generate', signal, '-o', 'json', ...args]);
  return { code, report: JSON.parse(stdout === '' ? '{}' : stdout) as LoadReport, stderr };
}

const AT_ONCE = ['--rate', 'unlimited', '--total', '2050', '--batch', '100'];

let sink: Sink;

beforeAll(async () => {
  sink = await startSink({ lifetime: 'file' });
});

describe('through a collector', () => {
  let places: Awaited<ReturnType<typeof startBetween>>;

  beforeAll(async () => {
    places = await startBetween(sink, { lifetime: 'file' });
  });

  test.each([
    ['logs', 'http', 'none'],
    ['logs', 'grpc', 'zstd'],
    ['traces', 'http', 'gzip'],
    ['metrics', 'grpc', 'gzip'],
  ] as const)('%s over %s with compression %s arrive, each exactly once', async (signal, protocol, compression) => {
    const to = ['--to', places[protocol], '--compression', compression];
    const { code, report } = await generate(signal, ...to, ...AT_ONCE, '--verify', sink.counts);
    expect(report).toMatchObject({
      signal,
      loop: 'closed',
      requests: 21,
      sent: 2_050,
      acknowledged: 2_050,
      failed: 0,
      unsent: 0,
      refused: { permanent: 0, retryable: 0 },
      verified: { arrived: 2_050, lost: 0, duplicated: 0, unacknowledged: 0 },
    });
    expect(code).toBe(0);
  });

  test('a rate is kept, in requests that are due at even times', async () => {
    const due = ['--rate', '2000/s', '--duration', '500ms', '--batch', '50', '--connections', '2'];
    const { code, report } = await generate('logs', '--to', places.grpc, ...due);
    expect(report).toMatchObject({ loop: 'open', requests: 20, sent: 1_000, acknowledged: 1_000 });
    // The last request is due after 475 ms.
    expect(report.seconds).toBeGreaterThanOrEqual(0.475);
    expect(code).toBe(0);
  });

  test('what the collector acknowledged and dropped is lost, and the exit code says so', async () => {
    const filter = '{ logs: { log_record: [ \'attributes["http.request.method"] == "DELETE"\' ] } }';
    const { http } = await startBetween(sink, { processors: { filter } });
    const { code, report } = await generate(
      'logs',
      '--to',
      http,
      ...AT_ONCE,
      '--verify',
      sink.counts,
      '--settle',
      '0s',
    );
    expect(report.acknowledged).toBe(2_050);
    expect(report.verified?.lost).toBeGreaterThan(100);
    expect((report.verified?.lost ?? 0) + (report.verified?.arrived ?? 0)).toBe(2_050);
    expect(code).toBe(1);
  });

  test('what arrives twice is counted as such', async () => {
    const [http] = sink.places;
    const exporter = `{ endpoint: "${http}", sending_queue: { enabled: false } }`;
    const collector = await startCollector(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { otlphttp/a: ${exporter}, otlphttp/b: ${exporter} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp/a, otlphttp/b] } } }
`);
    const { code, report } = await generate('logs', '--to', collector.http(), ...AT_ONCE, '--verify', sink.counts);
    expect(report.verified).toEqual({ arrived: 2_050, lost: 0, duplicated: 2_050, unacknowledged: 0 });
    expect(code).toBe(0);
  });

  test.each(['http', 'grpc'] as const)('over %s, headers go with each request', async (protocol) => {
    const attributes = '{ actions: [ { key: tenant, from_context: metadata.x-tenant, action: insert } ] }';
    const filter = '{ logs: { log_record: [ \'attributes["tenant"] != "acme"\' ] } }';
    const between = await startBetween(sink, {
      processors: { attributes, filter },
      server: ', include_metadata: true',
    });
    const to = ['--to', between[protocol], '--total', '10', '--verify', sink.counts, '--settle', '0s'];
    const [named, unnamed] = [await generate('logs', ...to, '-H', 'x-tenant=acme'), await generate('logs', ...to)];
    expect([named, unnamed].map(({ report }) => report.verified?.arrived)).toEqual([10, 0]);
  });
});

test('one that is interrupted tells of what it has sent', async () => {
  const own = await startSink();
  const endless = ['--rate', '1000/s', '--batch', '10', '-o', 'json', '--verify', own.counts];
  const program = new Program(['generate', 'traces', '--to', own.places[0], ...endless]);
  await eventually('some spans', async () => {
    const { items } = (await (await fetch(own.counts)).json()) as ArrivalTotals;
    return items.traces >= 50 || undefined;
  });
  expect(await program.stop('SIGINT')).toEqual({ code: 0, signal: null });
  const report = JSON.parse(program.stdout.entries[0] ?? '') as LoadReport;
  expect(report.acknowledged).toBe(report.sent);
  expect(report.verified).toEqual({ arrived: report.sent, lost: 0, duplicated: 0, unacknowledged: 0 });
});

test('a sink that is stopped says what has arrived', async () => {
  const own = await startSink();
  await generate('metrics', '--to', own.places[1], '--total', '70', '--batch', '40', '--rate', 'unlimited');
  expect((await own.program.stop()).code).toBe(0);
  const totals = JSON.parse(own.program.stdout.entries.at(-1) ?? '') as ArrivalTotals;
  expect(totals).toEqual({ requests: 2, items: { logs: 0, traces: 0, metrics: 70, profiles: 0 }, runs: {} });
});

test('a sink refuses what is no request, and takes JSON, too', async () => {
  const own = await startSink();
  const post = async (body: string, type: string) => {
    const headers = { 'content-type': type };
    return (await fetch(`${own.places[0]}/v1/logs`, { method: 'POST', body, headers })).status;
  };
  expect(await post('\u0007garbage', 'application/x-protobuf')).toBe(400);
  expect(await post(logsJson(['a', 'b']), 'application/json')).toBe(200);
  const { items, requests } = (await (await fetch(own.counts)).json()) as ArrivalTotals;
  expect([requests, items.logs]).toEqual([1, 2]);
});

describe('refusals', () => {
  async function collectorBefore(destination: Destination) {
    return startCollector(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 }, grpc: { endpoint: 127.0.0.1:0 } } } }
exporters: { otlphttp: ${directly(destination)} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
  }

  test.each(['http', 'grpc'] as const)('over %s, for good and for now are told apart', async (protocol) => {
    const destination = await Destination.start();
    const collector = await collectorBefore(destination);
    const to = protocol === 'http' ? collector.http() : `grpc://${collector.grpc()}`;
    const few = ['--to', to, '--total', '30', '--batch', '10', '--rate', 'unlimited'];
    destination.answer = { status: 503 };
    const forNow = await generate('logs', ...few);
    destination.answer = { status: 400 };
    const forGood = await generate('logs', ...few);
    expect(forNow).toMatchObject({ code: 1, report: { refused: { permanent: 0, retryable: 30 }, acknowledged: 0 } });
    expect(forGood).toMatchObject({ code: 1, report: { refused: { permanent: 30, retryable: 0 }, failed: 0 } });
    const [reason] = Object.keys(forNow.report.reasons);
    expect(reason).toContain('503');
  });

  test('with --retry, what is refused for now is sent again until it is taken', async () => {
    const destination = await Destination.start();
    const collector = await collectorBefore(destination);
    destination.answer = { status: 503 };
    const sent = generate('logs', '--to', collector.http(), '--total', '30', '--batch', '10', '--retry');
    await destination.requests.findAll(5, () => true);
    destination.answer = { status: 200 };
    const { code, report } = await sent;
    expect(report).toMatchObject({ sent: 30, acknowledged: 30, refused: { permanent: 0, retryable: 0 } });
    expect(report.retries).toBeGreaterThan(1);
    expect(code).toBe(0);
  });

  test.each(['http://127.0.0.1:9', 'grpc://127.0.0.1:9'])('what has no answer has failed: %s', async (to) => {
    const { code, report } = await generate('logs', '--to', to, '--total', '20', '--batch', '10', '--rate', '1000/s');
    expect(report).toMatchObject({ sent: 20, acknowledged: 0, failed: 20, refused: { permanent: 0, retryable: 0 } });
    expect(Object.keys(report.reasons).join()).toContain('ECONNREFUSED');
    expect(code).toBe(1);
  });
});

describe('tls', () => {
  let certificates: Certificates;

  beforeAll(() => {
    ensurePrograms('openssl');
    certificates = new Certificates();
  }, INSTALL_TIMEOUT_MS);

  afterAll(() => certificates.remove());

  test.each([
    ['https', 0],
    ['grpcs', 1],
  ] as const)('%s is trusted by its authority, or unchecked', async (_, index) => {
    const server = certificates.issue('server');
    const secure = await startSink({
      listen: ['https://127.0.0.1:0', 'grpcs://127.0.0.1:0'],
      args: ['--cert', server.certFile, '--key', server.keyFile],
    });
    const to = ['--to', secure.places[index], '--total', '20', '--batch', '10', '--rate', 'unlimited'];
    const trusting = await generate('logs', ...to, '--ca', certificates.caFile);
    const careless = await generate('logs', ...to, '--insecure');
    const careful = await generate('logs', ...to);
    expect([trusting, careless, careful].map(({ report }) => report.acknowledged)).toEqual([20, 20, 0]);
    expect(careful.report.failed).toBe(20);
  });

  test('a server that asks for a certificate sees the one that is given', async () => {
    const server = certificates.issue('server');
    const client = certificates.issue('client');
    const files = `cert_file: ${server.certFile}, key_file: ${server.keyFile}, client_ca_file: ${certificates.caFile}`;
    const { http } = await startBetween(sink, { server: `, tls: { ${files} }` });
    const to = ['--to', http, '--total', '10', '--batch', '10', '--ca', certificates.caFile];
    const known = await generate('logs', ...to, '--cert', client.certFile, '--key', client.keyFile);
    const unknown = await generate('logs', ...to);
    expect([known, unknown].map(({ report }) => report.acknowledged)).toEqual([10, 0]);
  });
});

test.each([
  [['--to', 'nonsense'], 'write http://host:4318'],
  [['--to', 'http://127.0.0.1:9', '--rate', 'fast'], 'write it as 1000/s'],
  [['--to', 'http://127.0.0.1:9', '--duration', 'long'], 'write it as 30s or 5m'],
  [['--to', 'http://127.0.0.1:9', '--header', 'x'], 'write it as name=value'],
  [['--to', 'https://127.0.0.1:9', '--ca', '/nowhere/ca.crt'], '/nowhere/ca.crt'],
  [['--to', 'http://127.0.0.1:9', '--verify', 'http://127.0.0.1:9'], 'start `millrace generate sink`'],
])('%j is refused before anything is sent, with what to do', async (args, advice) => {
  const { code, stderr } = await generate('logs', '--total', '1', ...args);
  expect(stderr).toContain(advice);
  expect(code).toBe(1);
});

test.each([
  [['logs'], "required option '-t, --to <url>'"],
  [['logs', '--to', 'x:1', '--batch', '0'], 'a whole number of 1 or more'],
  [['logs', '--to', 'x:1', '--shape', 'huge'], 'small, typical, fat, deep'],
])('%j is no command line', async (args, message) => {
  const { code, stderr } = await runMillrace(['generate', ...args]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

test('the guide names every option, and none that does not exist', async () => {
  const optionsIn = (text: string) => new Set(text.match(/--[a-z]+/g));
  const help = await Promise.all(
    ['logs', 'sink'].map((name) => runMillrace(['generate', name, '--help']).then(({ stdout }) => stdout)),
  );
  const guide = readFileSync(join(REPOSITORY, 'docs', 'guide', 'generate.md'), 'utf8');
  const known = optionsIn(help.join());
  known.delete('--help');
  expect([...optionsIn(guide)].toSorted()).toEqual([...known].toSorted());
});

test('data points have no body whose size could be chosen', async () => {
  const { code, stderr } = await generate('metrics', '--to', 'http://127.0.0.1:9', '--size', '10');
  expect(stderr).toContain('--attributes or --shape');
  expect(code).toBe(1);
});

test(
  'a person sees a bar while it runs, and a table at the end, also after Ctrl+C',
  async () => {
    ensurePrograms('script');
    const sink = await startSink();
    const [http] = sink.places;
    const command = `${NODE} ${BIN} generate logs --to ${http} --rate 5000/s --duration 1h`;
    const terminal = new Program(['-qefc', command, '/dev/null'], { command: ['script'], env: { TERM: 'xterm' } });
    await terminal.shows(/░ 0 % {2}[1-9][\d,]* acknowledged {2}[\d,]+\/s {2}p99 [\d.]+ ms/);
    terminal.type('\u0003');
    await terminal.exited;
    expect(terminal.text()).toMatch(/acknowledged {2}[\d,]+ \([\d,]+\/s, 30\d bytes each\)/);
    expect(terminal.text()).toMatch(/latency {7}p50 .* max .* \(from when a request was due\)/);
  },
  INSTALL_TIMEOUT_MS,
);
