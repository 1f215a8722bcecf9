/** What a service manager hears: on a real datagram socket, from the real process. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { EventLog } from './harness/event-log.ts';
import { launchCollector, Program, REPOSITORY } from './harness/millrace.ts';
import { eventually } from './harness/eventually.ts';
import { postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const has = (program: string) => spawnSync('which', [program]).status === 0;

/** Prints what comes to a Unix datagram socket, a line for each message; Node has no such sockets. */
const LISTENER = `
import socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind('\\0' + name[1:] if name[0] == '@' else name)
print('listening', flush=True)
while True:
    print(s.recv(65536).decode().rstrip('\\n').replace('\\n', ' '), flush=True)
`;

/** Messages as they come, without those by which systemd-notify waits for its answer. */
async function listen(name: string): Promise<EventLog<string>> {
  const listener = new Program(['-c', LISTENER, name], { command: ['python3'] });
  await listener.stdout.find((line) => line === 'listening');
  return listener.stdout;
}

/** An exporter that keeps the event loop to itself until a file says otherwise. */
const STALLS = `
import { existsSync, writeFileSync } from 'node:fs';
import { defineExporter, Type } from '@millrace/api';
export default defineExporter({
  type: 'stalls', summary: 'Stalls.', stability: 'development', config: Type.Object({}), examples: [], signals: ['logs'],
  create: () => ({
    send() {
      writeFileSync('stalled', '');
      while (!existsSync('go on'));
      return Promise.resolve();
    },
  }),
});
`;

/** Prints a line ten times a second. */
const TICKS = `
import time
while True:
    time.sleep(0.1)
    print('tick', flush=True)
`;

const YAML = `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [otlp], exporters: [debug] } } }
`;

describe.skipIf(!has('systemd-notify') || !has('python3'))('the service manager is told', () => {
  test.each(['a path', 'an abstract name'])('of start, reload and end, on %s', async (kind) => {
    const name = kind === 'a path' ? join(temporaryFolder(), 'notify') : `@millrace-test-${process.pid}`;
    const messages = await listen(name);
    const collector = await launchCollector(YAML, { env: { NOTIFY_SOCKET: name } }).ready();
    await messages.find((line) => line.includes('READY=1') && line.includes('STATUS=running 1 pipelines'));
    const beforeUs = process.hrtime.bigint() / 1_000n;
    collector.signal('SIGHUP');
    const reloading = await messages.find((line) => line.includes('RELOADING=1'));
    const atUs = BigInt(/MONOTONIC_USEC=(\d+)/.exec(reloading)?.[1] ?? '0');
    expect(atUs >= beforeUs && atUs <= process.hrtime.bigint() / 1_000n).toBe(true);
    const readies = () => messages.entries.filter((line) => line.includes('READY=1'));
    await messages.find(() => readies().length === 2);
    writeFileSync(join(collector.cwd, 'config.yaml'), 'receivers: [');
    collector.signal('SIGHUP');
    await messages.find(() => readies().length === 3);
    expect(readies()[2]).toContain('the last reload failed');
    const ended = collector.stop();
    await messages.find((line) => line.includes('STOPPING=1'));
    expect(await ended).toEqual({ code: 0, signal: null });
  });

  test('that it is alive, for as long as its event loop and its workers are', async () => {
    const name = join(temporaryFolder(), 'notify');
    const messages = await listen(name);
    const env = { NOTIFY_SOCKET: name, WATCHDOG_USEC: '400000' };
    const collector = await launchCollector(YAML, { env, threads: 1 }).ready();
    const signs = () => messages.entries.filter((line) => line.includes('WATCHDOG=1')).length;
    await messages.find(() => signs() >= 3);
    collector.signal('SIGSTOP');
    // What was sent before it stopped may still be on its way; afterwards there is nothing.
    const other = new Program(['WATCHDOG-TEST=1'], { command: ['systemd-notify'], env: { NOTIFY_SOCKET: name } });
    await other.exited;
    await messages.find((line) => line.includes('WATCHDOG-TEST=1'));
    const before = signs();
    collector.signal('SIGCONT');
    await messages.find(() => signs() > before);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });

  test('nothing while its event loop stands still, although the process lives', async () => {
    const name = join(temporaryFolder(), 'notify');
    const messages = await listen(name);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'stalls.ts'), STALLS);
    const yaml = YAML.replace('exporters: { debug: }', 'exporters: { stalls: }').replace('[debug]', '[stalls]');
    const env = { NOTIFY_SOCKET: name, WATCHDOG_USEC: '400000' };
    const collector = await launchCollector(`plugins: [./stalls.ts]\n${yaml}`, { env, cwd }).ready();
    const signs = () => messages.entries.filter((line) => line.includes('WATCHDOG=1')).length;
    await messages.find(() => signs() >= 2);
    const answered = postLogs(collector.http(), ['a']);
    await eventually('the stall', () => existsSync(join(cwd, 'stalled')) || undefined);
    // What was sent before may still be on its way: a clock of another process tells when it is there.
    const clock = new Program(['-c', TICKS], { command: ['python3'] });
    const ticks = (count: number) => clock.stdout.find(() => clock.stdout.entries.length >= count);
    await ticks(3);
    const before = signs();
    // Four times as long as from one sign to the next.
    await ticks(11);
    expect(signs()).toBe(before);
    writeFileSync(join(cwd, 'go on'), '');
    expect((await answered).status).toBe(200);
    await messages.find(() => signs() > before);
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });

  test('not at all where nobody listens, and the collector runs', async () => {
    const env = { NOTIFY_SOCKET: '/nowhere/notify' };
    const collector = await launchCollector(YAML, { env }).ready();
    await collector.logged('systemd cannot be told how the collector is');
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
  });
});

describe('the unit file', () => {
  const file = join(REPOSITORY, 'configs', 'systemd', 'millrace.service');

  test.skipIf(!has('systemd-analyze'))('is what systemd understands', () => {
    const folder = temporaryFolder();
    const copy = join(folder, 'millrace.service');
    writeFileSync(copy, forThisVersion(readFileSync(file, 'utf8')));
    const { status, stderr, stdout } = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
    expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('millrace'))).toEqual([]);
    expect(status).toBe(0);
  });

  /** Before 253, as its first lines say. */
  function forThisVersion(unit: string): string {
    const [, version] =
      /systemd (\d+)/.exec(spawnSync('systemd-analyze', ['--version'], { encoding: 'utf8' }).stdout) ?? [];
    const older = 'Type=notify\nExecReload=/bin/kill -HUP $MAINPID';
    return Number(version) >= 253 ? unit : unit.replace(/^Type=notify-reload$/m, older);
  }

  test('says how the collector tells it of itself', () => {
    expect(readFileSync(file, 'utf8')).toMatch(/^Type=notify-reload$[^]*^NotifyAccess=all$/m);
  });
});
