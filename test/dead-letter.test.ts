/** What cannot be delivered, as its owner sees it: kept, looked at, and sent again. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Destination } from './harness/destination.ts';
import { Program, runMillrace, startCollector } from './harness/millrace.ts';
import { idsOf, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const RECEIVER = 'otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } }';
const REPLAY_TO = 'encoding: json, compression: none';

/** Collects logs for a destination; what it does not take goes to `dead`. */
function configOf(url: string, { exporter = '', deadLetter = './dead' } = {}): string {
  return `
receivers: { ${RECEIVER} }
exporters:
  otlphttp:
    endpoint: "${url}"
    encoding: json
    dead_letter: ${deadLetter}
    ${exporter}
service:
  shutdown_timeout: 3s
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } }
`;
}

/** The exporter `otlphttp/next`, for a replay. */
function nextOf(destination: Destination, more = ''): string {
  return `
receivers: { ${RECEIVER} }
exporters: { otlphttp/next: { endpoint: "${destination.url}", ${REPLAY_TO}, ${more} } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp/next] } } }
`;
}

function replay(cwd: string, args: readonly string[]) {
  return runMillrace(['replay', ...args], { cwd });
}

function deadFiles(cwd: string): string[] {
  return readdirSync(join(cwd, 'dead')).filter((name) => name.endsWith('.jsonl'));
}

/** Leaves these requests, of one record each, in `dead` of a folder. */
async function leave(ids: readonly string[]): Promise<string> {
  const destination = await Destination.start();
  destination.answer = { status: 400 };
  const collector = await startCollector(configOf(destination.url));
  for (const id of ids) expect((await postLogs(collector.http(), [id])).status).toBe(200);
  await collector.metric('otelcol_exporter_dead_letter_items', {}, (items) => items === ids.length);
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
  return collector.cwd;
}

test('what a destination refuses for good is kept with its reason, and replayed to another one, once', async () => {
  const cwd = await leave(['a', 'b', 'c']);
  const [file] = deadFiles(cwd);
  const lines = readFileSync(join(cwd, 'dead', file), 'utf8')
    .trimEnd()
    .split('\n');
  const [entry] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entry['millrace_dead_letter']).toMatchObject({ component: 'exporter "otlphttp"', items: 1, attempts: 1 });
  expect(JSON.stringify(entry['millrace_dead_letter'])).toContain('400');
  expect(entry).toHaveProperty('resourceLogs');
  // What any reader of OTLP/JSON lines sees.
  expect((await runMillrace(['cat', join(cwd, 'dead', file)])).stdout.split('\n')).toHaveLength(3);

  const next = await Destination.start();
  const args = ['dead', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next'];
  const dry = await replay(cwd, [...args, '--dry-run']);
  expect(dry).toMatchObject({ code: 0, stdout: '3 entries (3 items) would be sent to otlphttp/next' });
  expect(next.items.entries).toEqual([]);
  expect(await replay(cwd, args)).toMatchObject({ code: 0, stdout: '3 entries (3 items) sent to otlphttp/next' });
  expect(idsOf(next.items.entries).toSorted()).toEqual(['a', 'b', 'c']);
  const again = await replay(cwd, [...args, '--delete']);
  expect(again.stdout).toBe('0 entries (0 items) sent to otlphttp/next, 3 were sent before, 1 file deleted');
  expect(next.items.entries).toHaveLength(3);
  expect(deadFiles(cwd)).toEqual([]);
});

test('a replay that is killed goes on where it stopped: nothing is missing, and little comes twice', async () => {
  const ids = Array.from({ length: 300 }, (_, index) => `id-${index}`);
  const cwd = await leave(ids);
  const next = await Destination.start();
  const args = ['replay', 'dead', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next'];
  const first = new Program([...args, '--rate', '200/s'], { cwd });
  await next.items.findAll(100, () => true);
  await first.stop('SIGKILL');
  const second = await runMillrace(args, { cwd });
  expect(second.code).toBe(0);
  expect(second.stdout).toMatch(/were sent before/);
  const arrived = idsOf(next.items.entries);
  expect(new Set(arrived)).toEqual(new Set(ids));
  expect(arrived.length).toBeLessThan(300 + 64 + 16);
});

test('a destination that is away stops a replay with what to do, and nothing is deleted', async () => {
  const cwd = await leave(['a', 'b']);
  const next = await Destination.start();
  next.answer = { status: 503 };
  const config = nextOf(next, 'retry_on_failure: { enabled: false }');
  const args = ['dead', '--config', `yaml:${config}`, '--to', 'otlphttp/next', '--delete'];
  const { code, stderr, stdout } = await replay(cwd, args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '0 entries (0 items) sent to otlphttp/next' });
  expect(stderr).toMatch(/dead-letter-000001\.jsonl:1 was not sent: .*503.*; run it again to go on where it stopped/);
  next.answer = { status: 400 };
  const refused = await replay(cwd, args);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/2 refused/);
  expect(deadFiles(cwd)).toHaveLength(1);
});

test('a replay to nobody gives up soon, and says first which exporter has failed and why', async () => {
  const cwd = await leave(['a']);
  const { code, stderr } = await replay(cwd, ['dead', '--to', 'http://127.0.0.1:1', '--give-up-after', '100ms']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^millrace replay: exporter "otlphttp": .*ECONNREFUSED 127\.0\.0\.1:1\n/);
  expect(stderr).toMatch(/gave up after .*\(a longer --give-up-after tries for longer\); run it again/);
  const help = await replay(cwd, ['--help']);
  expect(help.stdout).toMatch(/--give-up-after <duration> +[^-]*\(default:\s+"30s"\)/);
  expect(await replay(cwd, ['dead', '--to', 'http://127.0.0.1:1', '--give-up-after', '1'])).toMatchObject({ code: 2 });
});

test('queue ls says what a directory is that is no storage, and what to do', async () => {
  const cwd = await leave(['a']);
  const dead = await runMillrace(['queue', 'ls', 'dead'], { cwd });
  expect(dead).toMatchObject({ code: 1, stdout: '' });
  expect(dead.stderr).toContain('dead is a dead letter of 1 file, not the directory of a storage');
  expect(dead.stderr).toContain('millrace replay dead --to DESTINATION');
  const folder = await runMillrace(['queue', 'ls', temporaryFolder()]);
  expect(folder.code).toBe(0);
  expect(folder.stdout).toMatch(/^no queue holds anything\n\n0 segments.*\nnothing of a storage is in .*file_storage/);
});

test('only what a condition holds for is sent, and damaged entries are named and not sent', async () => {
  const cwd = await leave(['a', 'b', 'c']);
  const next = await Destination.start();
  const to = ['--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next'];
  const bad = await replay(cwd, ['dead', ...to, '--where', 'nonsense(']);
  expect(bad.code).toBe(1);
  expect(bad.stderr).toContain("--where 'nonsense('");
  const file = join(cwd, 'dead', deadFiles(cwd)[0]);
  const body = (JSON.parse(readFileSync(file, 'utf8').split('\n')[1]) as Line).resourceLogs[0].scopeLogs[0]
    .logRecords[0];
  const condition = `body == "${body.body.stringValue}"`;
  expect((await replay(cwd, ['dead', ...to, '--where', condition])).stdout).toMatch(/^3 entries \(1 item\) sent/);
  expect(idsOf(next.items.entries)).toEqual(['b']);

  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(`"stringValue":"${body.body.stringValue}"`, '"stringValue":"x"'),
  );
  const damaged = await replay(cwd, ['dead', ...to]);
  expect(damaged.code).toBe(1);
  expect(damaged.stdout).toBe('2 entries (2 items) sent to otlphttp/next, 1 damaged');
  expect(damaged.stderr).toMatch(/dead-letter-000001\.jsonl:2 does not match its checksum; it is not sent/);
});

interface Line {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body: { readonly stringValue: string } }[];
    }[];
  }[];
}

test('beside a running collector, all but the file that it writes to is replayed and deleted', async () => {
  const destination = await Destination.start();
  destination.answer = { status: 400 };
  const deadLetter = '{ directory: ./dead, max_size: 8KiB }';
  const collector = await startCollector(configOf(destination.url, { deadLetter }));
  for (const id of ['a', 'b', 'c']) await postLogs(collector.http(), [id]);
  await collector.metric('otelcol_exporter_dead_letter_items', {}, (items) => items === 3);
  const next = await Destination.start();
  const args = ['dead', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next', '--delete'];
  expect((await replay(collector.cwd, args)).code).toBe(0);
  expect(deadFiles(collector.cwd)).toHaveLength(1);
  await postLogs(collector.http(), ['d']);
  await collector.metric('otelcol_exporter_dead_letter_items', {}, (items) => items === 4);
  expect((await replay(collector.cwd, args)).code).toBe(0);
  expect(idsOf(next.items.entries).toSorted()).toEqual(['a', 'b', 'c', 'd']);
});

test('killed after it answered, a collector has on disk what the destination refused', async () => {
  const destination = await Destination.start();
  destination.answer = { status: 400 };
  const config = configOf(destination.url, { exporter: 'sending_queue: { enabled: false }' });
  const collector = await startCollector(config);
  for (const id of ['a', 'b', 'c']) expect((await postLogs(collector.http(), [id])).status).toBe(200);
  await collector.stop('SIGKILL');
  const next = await Destination.start();
  const { stdout } = await replay(collector.cwd, ['dead', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next']);
  expect(stdout).toBe('3 entries (3 items) sent to otlphttp/next');
  // The lock of the dead process is taken over.
  await startCollector(config, { cwd: collector.cwd });
});

test('a record that kills its worker is kept alone, and its sender is told that all was taken', async () => {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, 'deadly.ts'),
    `import { defineProcessor, Type } from '@millrace/api';
     export default defineProcessor({
       type: 'deadly', summary: 'Dies.', stability: 'development', config: Type.Object({}), examples: [],
       create: () => ({
         logs(batch) {
           for (const record of batch.records) if (String(record.body).includes('poison')) process.exit(3);
         },
       }),
     });`,
  );
  const destination = await Destination.start();
  const config = `
plugins: [./deadly.ts]
receivers: { ${RECEIVER} }
processors: { deadly: }
exporters: { otlphttp: { endpoint: "${destination.url}", ${REPLAY_TO} } }
service:
  dead_letter: ./dead
  workers: { threads: 1 }
  pipelines: { logs: { receivers: [otlp], processors: [deadly], exporters: [otlphttp] } }
`;
  const collector = await startCollector(config, { cwd, threads: 1 });
  const answer = await postLogs(collector.http(), ['a', 'poison', 'b']);
  expect(answer.status).toBe(200);
  await destination.items.findAll(2, () => true);
  expect(idsOf(destination.items.entries)).toEqual(['a', 'b']);
  const [line] = readFileSync(join(cwd, 'dead', deadFiles(cwd)[0]), 'utf8').split('\n');
  expect((JSON.parse(line) as Record<string, unknown>)['millrace_dead_letter']).toMatchObject({
    component: 'stage "otlp/logs"',
    reason: 'WORKER_KILLED',
    items: 1,
  });
});

test('files of the file exporter are replayed, sealed ones too', async () => {
  const cwd = temporaryFolder();
  await runMillrace(['keygen', 'key.txt'], { cwd });
  const recipient = readFileSync(join(cwd, 'key.txt.pub'), 'utf8').trim();
  const config = `
receivers: { ${RECEIVER} }
exporters: { file: { path: logs.jsonl.zst.age, compression: zstd, encryption: { recipients: ["${recipient}"] } } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [file] } } }
`;
  const collector = await startCollector(config, { cwd });
  await postLogs(collector.http(), ['a', 'b']);
  await collector.stop();
  const next = await Destination.start();
  const args = ['logs.jsonl.zst.age', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next'];
  expect((await replay(cwd, args)).code).toBe(1);
  expect(await replay(cwd, [...args, '--identity', 'key.txt'])).toMatchObject({ code: 0 });
  expect(idsOf(next.items.entries)).toEqual(['a', 'b']);
});

test('graph shows where dead letters go: of exporters, and of steps', async () => {
  const config = `
receivers: { ${RECEIVER} }
exporters:
  otlphttp: { endpoint: "http://localhost:1" }
  otlphttp/own: { endpoint: "http://localhost:1", dead_letter: nop }
  nop:
service:
  dead_letter: ./dead
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp, otlphttp/own] } }
`;
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'config.yaml'), config);
  const tree = await runMillrace(['graph', '--config', 'config.yaml'], { cwd });
  const rows = tree.stdout.split('\n').map((row) => row.trim());
  expect(rows).toContain(`├─ exporter  otlphttp  dead letter ─▶ ${join(cwd, 'dead')}`);
  expect(rows).toContain('├─ exporter  otlphttp/own  dead letter ─▶ nop');
  expect(rows).toContain(`└─ steps     dead letter ─▶ ${join(cwd, 'dead')}`);
  const chart = await runMillrace(['graph', '--format', 'mermaid', '--config', 'config.yaml'], { cwd });
  expect(chart.stdout).toContain('exporter_otlphttp_own(["otlphttp/own"]) -. dead letter .-> exporter_nop(["nop"])');
});

test('a circle of dead letters, and an exporter that is none, are refused with their place', async () => {
  const circle = configOf('http://localhost:4318', { deadLetter: 'otlphttp' });
  const { code, stderr } = await runMillrace(['validate', '--config', `yaml:${circle}`]);
  expect(code).toBe(1);
  expect(stderr).toContain('dead_letter goes round in a circle: otlphttp -> otlphttp');
  const unknown = configOf('http://localhost:4318', { deadLetter: 'data/dead' });
  const refused = await runMillrace(['validate', '--config', `yaml:${unknown}`]);
  expect(refused.stderr).toContain('the exporter "data/dead" is not defined');
  expect(refused.stderr).toContain('./data/dead');
});

test('queues are listed, looked at, exported beside a running collector, replayed, and dropped when it has stopped', async () => {
  const destination = await Destination.start();
  destination.answer = { status: 503 };
  const config = `
receivers: { ${RECEIVER} }
exporters: { otlphttp: { endpoint: "${destination.url}", ${REPLAY_TO}, sending_queue: { storage: file_storage } } }
extensions: { file_storage: { directory: store, create_directory: true, min_free_space: 0 } }
service:
  extensions: [file_storage]
  shutdown_timeout: 2s
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } }
`;
  const collector = await startCollector(config);
  const { cwd } = collector;
  for (const id of ['a', 'b']) await postLogs(collector.http(), [id, `${id}2`]);
  const queue = (...args: string[]) => runMillrace(['queue', ...args], { cwd });
  const running = await queue('ls', 'store');
  expect(running.code).toBe(0);
  expect(running.stdout).toMatch(/^QUEUE +REQUESTS +ITEMS +SIZE +FIRST +LAST\notlphttp\/logs +2 +4 /);
  expect(running.stdout).toContain(`in use by process ${collector.pid}`);
  expect((await queue('peek', 'store', 'otlphttp/logs', '--limit', '1')).stdout.split('\n')).toHaveLength(3);
  expect(await queue('export', 'store', 'out')).toMatchObject({ code: 0, stdout: 'exported 2 requests to out' });
  for (const act of [
    ['repair', 'store'],
    ['drop', 'store', 'otlphttp/logs', '--yes'],
  ]) {
    const { code, stderr } = await queue(...act);
    expect(code).toBe(1);
    expect(stderr).toContain(`in use by process ${collector.pid}`);
  }
  await collector.stop();

  const next = await Destination.start();
  const args = ['out', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next', '--delete'];
  expect((await replay(cwd, args)).stdout).toBe('2 entries (4 items) sent to otlphttp/next, 2 files deleted');
  expect(idsOf(next.items.entries).toSorted()).toEqual(['a', 'a2', 'b', 'b2']);

  expect(await queue('repair', 'store')).toMatchObject({ code: 0 });
  expect((await queue('drop', 'store', 'otlphttp/logs')).stderr).toContain('4 items');
  expect(await queue('drop', 'store', 'otlphttp/logs', '--yes')).toMatchObject({ code: 0 });
  const listed = await queue('ls', 'store', '-o', 'json');
  expect(JSON.parse(listed.stdout)).toMatchObject([{ directory: 'store', queues: [] }]);
  expect((await queue('ls', 'nowhere')).code).toBe(1);
  expect(existsSync(join(cwd, 'nowhere'))).toBe(false);
});

test('a replay speaks OTLP over HTTP and gRPC to an address', async () => {
  const cwd = await leave(['a', 'b']);
  const destination = await Destination.start();
  const receiver = await startCollector(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 }, grpc: { endpoint: 127.0.0.1:0 } } } }
exporters: { otlphttp: { endpoint: "${destination.url}", ${REPLAY_TO}, sending_queue: { enabled: false } } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
  const grpc = `grpc://${receiver.grpc()}`;
  for (const address of [receiver.http(), grpc]) {
    expect(await replay(cwd, ['dead', '--to', address])).toMatchObject({ code: 0 });
  }
  expect(idsOf(destination.items.entries).toSorted()).toEqual(['a', 'a', 'b', 'b']);
  const slip = await replay(cwd, ['dead', '--to', 'otlphttp']);
  expect(slip).toMatchObject({ code: 1, stdout: '' });
  expect(slip.stderr).toContain('is no address, and there is no configuration that could define it');
});

test('a destination that is away gets one request at a time, and says so, until it is back', async () => {
  const destination = await Destination.start();
  destination.answer = { status: 503 };
  const exporter = `retry_on_failure: { initial_interval: 300ms }
    circuit_breaker: { failures: 2 }`;
  const collector = await startCollector(configOf(destination.url, { exporter }));
  for (let id = 0; id < 30; id++) await postLogs(collector.http(), [`id-${id}`]);
  const labels = { exporter: 'otlphttp' };
  await collector.metric('otelcol_exporter_circuit_state', labels, (state) => state > 0);
  await collector.logged(/^the destination is away; one request at a time/);
  // Ten consumers would have asked each of their own, and then again.
  expect(destination.requests.entries.length).toBeLessThan(10);
  destination.answer = { status: 200 };
  await destination.items.findAll(30, () => true);
  await collector.metric('otelcol_exporter_circuit_state', labels, (state) => state === 0);
  expect(new Set(idsOf(destination.items.entries)).size).toBe(30);
});

test('another file that has the name of one that was sent is sent, too', async () => {
  const cwd = await leave(['a']);
  const next = await Destination.start();
  const args = ['dead', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next'];
  await replay(cwd, args);
  const other = await leave(['b']);
  const [file] = deadFiles(other);
  writeFileSync(join(cwd, 'dead', file), readFileSync(join(other, 'dead', file)));
  expect((await replay(cwd, args)).stdout).toBe('1 entry (1 item) sent to otlphttp/next');
  expect(idsOf(next.items.entries)).toEqual(['a', 'b']);
});

test('interrupted while the destination is away, a replay ends at once, and goes on later', async () => {
  const cwd = await leave(['a', 'b']);
  const next = await Destination.start();
  next.answer = { status: 503 };
  const args = ['replay', 'dead', '--config', `yaml:${nextOf(next)}`, '--to', 'otlphttp/next'];
  const first = new Program(args, { cwd });
  await next.requests.find(() => true);
  expect(await first.stop('SIGINT')).toEqual({ code: 1, signal: null });
  expect(first.stderr.entries.join('')).toContain('run it again to go on');
  next.answer = { status: 200 };
  expect((await runMillrace(args, { cwd })).code).toBe(0);
  expect(idsOf(next.items.entries).toSorted()).toEqual(['a', 'b']);
});
