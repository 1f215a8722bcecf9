import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ComponentError } from '@millrace/api';
import type { Collector, ObservationLimits, Observed } from '@millrace/engine';
import { RecordingLogger, taggedRequest } from '@millrace/testkit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ControlClient } from './control-client.ts';
import type { ControlTarget } from './control-routes.ts';
import { ControlServer } from './control-server.ts';
import type { TapMessage } from './tap-message.ts';

/** The part of a collector that taps need. */
class FakeCollector {
  readonly observers = new Map<(observed: Observed) => void, ObservationLimits>();
  readonly config = { service: {} };

  observe(name: string | undefined, limits: ObservationLimits, onObserved: (observed: Observed) => void): () => void {
    if (name === 'unknown') throw new ComponentError('no such thing', { code: 'OBSERVE_UNKNOWN', remedy: 'look' });
    this.observers.set(onObserved, limits);
    return () => void this.observers.delete(onObserved);
  }

  show(bytes: Uint8Array, more: Partial<Observed> = {}): void {
    const sight = { pipeline: 'logs', signal: 'logs', chunks: [bytes], items: 1, itemsTotal: 1 } as const;
    const seen = { kind: 'receiver', id: 'in', pipeline: 'logs', side: 'after', before: undefined } as const;
    for (const observer of this.observers.keys()) {
      observer({ ...seen, after: [sight], run: '0', isDiscarded: false, skipped: 0, ...more });
    }
  }
}

const folders: string[] = [];
/** The machine may be busy. */
const until = (isSo: () => boolean | Promise<boolean>) => vi.waitUntil(isSo, { timeout: 20_000, interval: 5 });

let collector: FakeCollector;
let server: ControlServer;

async function open(more: Partial<ControlTarget> = {}): Promise<ControlServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-control-'));
  folders.push(folder);
  const owner = { env: { XDG_RUNTIME_DIR: folder }, uid: process.getuid?.() ?? -1, pid: 4711 };
  const target = { collector: collector as unknown as Collector, ...more };
  return ControlServer.open({ ...target, logger: new RecordingLogger(), owner });
}

beforeEach(async () => {
  collector = new FakeCollector();
  server = await open();
});

afterEach(async () => {
  await server.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function response(route: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ socketPath: server.path, path: route, agent: false }, resolve).once('error', reject).end();
  });
}

test('a tap is told what is seen, and nothing is looked at any more when its reader has left', async () => {
  const abort = new AbortController();
  const lines = new ControlClient(server.path).lines('/tap?encoding=proto&sample=7&bytes=1000', abort.signal);
  const first = lines.next();
  await until(() => collector.observers.size === 1);
  expect([...collector.observers.values()]).toMatchObject([{ sampleEvery: 7, bytesMax: 1_000 }]);
  const bytes = taggedRequest('logs', [1]);
  collector.show(bytes, { isDiscarded: true });
  collector.show(bytes, { skipped: 3 });
  expect((await first).value).toMatchObject({
    id: 'in',
    side: 'after',
    skipped: 3,
    after: [{ signal: 'logs', requests: [Buffer.from(bytes).toString('base64')] }],
  });
  abort.abort();
  expect(await lines.next()).toMatchObject({ done: true });
  await until(() => collector.observers.size === 0);
});

test('a reader that is too slow misses lines, and is told how many; nothing waits for it', async () => {
  const slow = await response('/tap?encoding=proto');
  slow.pause();
  const bytes = taggedRequest('logs', [1], { paddingBytes: 500_000 });
  for (let count = 0; count < 40; count++) collector.show(bytes);
  // What was left out is told with the first line that is written again.
  let text = '';
  slow.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  slow.resume();
  const numbers = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as TapMessage).skipped);
  await until(() => {
    collector.show(taggedRequest('logs', [2]));
    return numbers().some((skipped) => skipped > 0);
  });
  const missed = numbers().find((skipped) => skipped > 0) ?? 0;
  expect(numbers().indexOf(missed) + missed).toBeGreaterThanOrEqual(40);
  slow.destroy();
  await until(() => collector.observers.size === 0);
});

test('what cannot be done is said with code and remedy', async () => {
  const client = new ControlClient(server.path);
  const refused = async (method: 'GET' | 'POST', route: string) =>
    client.ask(method, route).catch((error: unknown) => error);
  expect(await refused('GET', '/tap?name=unknown')).toMatchObject({ code: 'OBSERVE_UNKNOWN', remedy: 'look' });
  expect(await refused('GET', '/tap?sample=0')).toMatchObject({ code: 'BAD_PARAMETER' });
  expect(await refused('GET', '/tap?bytes=many')).toMatchObject({ code: 'BAD_PARAMETER' });
  expect(await refused('GET', '/tap?encoding=xml')).toMatchObject({ code: 'BAD_PARAMETER' });
  expect(await refused('GET', '/nothing')).toMatchObject({ code: 'NO_ROUTE' });
  expect(await refused('POST', '/tap')).toMatchObject({ code: 'NO_ROUTE' });
  expect(await refused('POST', '/reload')).toMatchObject({ code: 'NO_RELOAD' });
  expect(collector.observers.size).toBe(0);
});

test('more readers than the limit are turned away, and leave room when they go', async () => {
  const held = await Promise.all(Array.from({ length: 16 }, () => response('/tap')));
  const turnedAway = connect(server.path);
  await new Promise((resolve) => turnedAway.once('close', resolve));
  expect(collector.observers.size).toBe(16);
  for (const each of held) each.destroy();
  await until(() => collector.observers.size === 0);
  await until(async () => (await response('/').catch(() => undefined))?.statusCode === 200);
});

test('closing it ends all streams, and its path is free', async () => {
  const { path: socket } = server;
  const lines = new ControlClient(socket).lines('/tap', new AbortController().signal);
  const next = lines.next();
  await until(() => collector.observers.size === 1);
  await Promise.all([server.close(), server.close()]);
  expect(await next).toMatchObject({ done: true });
  await until(() => collector.observers.size === 0);
  await expect(new ControlClient(socket).ask('GET', '/')).rejects.toMatchObject({ code: 'CONTROL_UNREACHABLE' });
});

test('a directory that others can get at is not used', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-control-'));
  folders.push(folder);
  const options = { collector: collector as unknown as Collector, logger: new RecordingLogger() };
  const uid = (process.getuid?.() ?? 0) + 1;
  const foreign = { env: { XDG_RUNTIME_DIR: folder }, uid, pid: 1 };
  await expect(ControlServer.open({ ...options, owner: foreign })).rejects.toMatchObject({ code: 'CONTROL_DIRECTORY' });
  const long = path.join(folder, 'x'.repeat(120));
  await expect(ControlServer.open({ ...options, path: long })).rejects.toMatchObject({ code: 'CONTROL_PATH' });
});
