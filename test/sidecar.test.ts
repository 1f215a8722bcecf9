/** The sidecar of configs/sidecar.yaml: takes what its program sends, forwards it, and needs little. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Collector } from '@millrace/engine';
import { ManualClock, silentLogger } from '@millrace/testkit';
import { loadConfig, PluginRegistry } from 'millrace';
import { expect, test } from 'vitest';
import { atEndOf } from './harness/cleanup.ts';
import { Destination, directly } from './harness/destination.ts';
import { type Millrace, launchCollector, REPOSITORY, startCollector } from './harness/millrace.ts';
import { idList, idsOf, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const SIDECAR = join(REPOSITORY, 'configs', 'sidecar.yaml');
const FREE_PORTS = {
  receivers: { otlp: { protocols: { grpc: { endpoint: '127.0.0.1:0' }, http: { endpoint: '127.0.0.1:0' } } } },
};
/** As the comments of the file say it. */
const STORED = {
  exporters: { otlp: { sending_queue: { storage: 'file_storage' }, retry_on_failure: { initial_interval: '50ms' } } },
  extensions: { file_storage: { directory: 'storage', create_directory: true } },
  service: { extensions: ['file_storage'] },
};
/** Twice of what it takes: what would break it is a leak, or a worker too many. */
const RSS_BYTES_MAX = 160e6;

/** A gateway that passes everything on. */
function gatewayTo(destination: Destination, endpoint = '127.0.0.1:0'): Promise<Millrace> {
  return startCollector(`
receivers: { otlp: { protocols: { grpc: { endpoint: "${endpoint}" } } } }
exporters: { otlphttp: ${directly(destination)} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] }, traces: { receivers: [otlp], exporters: [otlphttp] } } }
`);
}

function sidecar(gateway: string, more: object = {}, cwd = temporaryFolder()): Promise<Millrace> {
  writeFileSync(join(cwd, 'free-ports.yaml'), JSON.stringify(FREE_PORTS));
  writeFileSync(join(cwd, 'more.yaml'), JSON.stringify(more));
  const args = ['--config', SIDECAR, '--config', 'free-ports.yaml', '--config', 'more.yaml'];
  return launchCollector('{}', { cwd, args, env: { GATEWAY: gateway } }).ready();
}

test('it forwards what it takes, and stays one small process', async () => {
  const destination = await Destination.start();
  const gateway = await gatewayTo(destination);
  const running = await sidecar(gateway.grpc());
  const ids = idList('a', 3_000);
  for (let from = 0; from < ids.length; from += 100) {
    expect((await postLogs(running.receiverHttp(), ids.slice(from, from + 100))).status).toBe(200);
  }
  expect(await running.stop()).toEqual({ code: 0, signal: null });
  await running.logged('stopped, everything was delivered');
  await destination.items.find(() => destination.items.entries.length === ids.length);
  expect(new Set(idsOf(destination.items.entries))).toEqual(new Set(ids));
});

test('while nothing comes it has no workers and little memory', async () => {
  const destination = await Destination.start();
  const gateway = await gatewayTo(destination);
  const running = await sidecar(gateway.grpc());
  expect((await postLogs(running.receiverHttp(), ['one'])).status).toBe(200);
  await destination.items.find((item) => idsOf([item]).includes('one'));
  const process = `/proc/${running.pid}`;
  const threads = readdirSync(`${process}/task`).map((id) => readFileSync(`${process}/task/${id}/comm`, 'utf8').trim());
  expect(threads.filter((name) => /^(?:WorkerThread|node-worker)/i.test(name))).toEqual([]);
  const [, kibibytes = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${process}/status`, 'utf8')) ?? [];
  expect(Number(kibibytes) * 1024).toBeLessThan(RSS_BYTES_MAX);
  expect(running.metricsAddress).toBe('');
});

/** Counts the timers that are set. */
class CountingClock extends ManualClock {
  timers = 0;

  override after(delayMs: number, callback: () => void): () => void {
    this.timers++;
    return super.after(delayMs, callback);
  }
}

test('while nothing comes, nothing ticks but the look at the connection, every ten seconds', async () => {
  const destination = await Destination.start();
  const gateway = await gatewayTo(destination);
  const { config } = await loadConfig([SIDECAR, `yaml:${JSON.stringify(FREE_PORTS)}`], {
    registry: new PluginRegistry(),
    env: { GATEWAY: gateway.grpc() },
  });
  const clock = new CountingClock();
  const collector = await Collector.build({ config, logger: silentLogger, version: '0.0.0-test', clock });
  atEndOf('test', async () => void (await collector.shutdown()));
  await collector.start();
  const { place = '' } = collector.announcements.find((each) => each.place.startsWith('http://')) ?? {};
  expect((await postLogs(place, ['one'])).status).toBe(200);
  await destination.items.find((item) => idsOf([item]).includes('one'));
  await clock.advance(60_000); // What the start and the request have left.
  const before = clock.timers;
  await clock.advance(600_000);
  expect(clock.timers - before).toBeLessThanOrEqual(60);
});

test('with a stored queue, what the gateway has not taken outlives a restart', async () => {
  const destination = await Destination.start();
  const first = await gatewayTo(destination);
  const address = first.grpc();
  await first.stop();
  const cwd = temporaryFolder();
  const before = await sidecar(address, STORED, cwd);
  expect((await postLogs(before.receiverHttp(), ['kept'])).status).toBe(200);
  expect(await before.stop()).toEqual({ code: 0, signal: null });
  await before.logged(/1 item kept on disk/);

  await gatewayTo(destination, address);
  const after = await sidecar(address, STORED, cwd);
  await destination.items.find((item) => idsOf([item]).includes('kept'));
  expect(await after.stop()).toEqual({ code: 0, signal: null });
});
