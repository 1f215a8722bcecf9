import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { collectorOf, describeConformance, FakeExtensionHost } from '@millrace/testkit';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import definition from './index.ts';

const PLUGIN = new URL('./index.ts', import.meta.url);

describeConformance(PLUGIN, {
  configs: ['pprof/free: { endpoint: "localhost:0" }'],
  failing: ['pprof/nowhere: { endpoint: "203.0.113.1:1777" }'],
});

const configOf = (settings: string) => `
extensions: { pprof: ${settings} }
receivers: { test/in: }
exporters: { test/out: }
service: { extensions: [pprof], pipelines: { logs: { receivers: [test/in], exporters: [test/out] } } }
`;

const running: { shutdown?(): unknown }[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.shutdown?.();
});

async function serve(settings = '{ endpoint: "localhost:0" }') {
  const around = await collectorOf(configOf(settings), { plugins: [PLUGIN], start: false });
  const { config } = around.collector.config.extensions.get('pprof')!;
  const host = new FakeExtensionHost();
  const extension = definition.create(config as never, host);
  running.push(extension, around);
  await extension.start?.();
  const { origin } = new URL(host.announced[0]?.place ?? '');
  return { host, extension, get: (where: string) => fetch(`${origin}/debug/pprof/${where}`) };
}

interface CpuProfile {
  readonly nodes: readonly object[];
  readonly samples: readonly number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** Turns the clock until a request that waits for it is answered. */
async function turning(host: FakeExtensionHost, request: Promise<Response>, ms: number): Promise<Response> {
  const state = { isAnswered: false };
  const answered = request.finally(() => (state.isAnswered = true));
  while (!state.isAnswered) {
    await host.manualClock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return answered;
}

test('a CPU profile is taken for the seconds asked for, in the format of V8', async () => {
  const { host, get } = await serve();
  const response = await turning(host, get('profile?seconds=2'), 500);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="profile.cpuprofile"');
  const profile = (await response.json()) as CpuProfile;
  expect(profile.nodes.length).toBeGreaterThan(0);
  expect(profile.endTime).toBeGreaterThan(profile.startTime);
});

test('a second CPU profile at the same time is refused, and a shutdown ends the first', async () => {
  const { get, extension } = await serve();
  const answers = [get('profile?seconds=60'), get('profile?seconds=60')];
  const refused = await Promise.race(answers);
  expect(refused.status).toBe(500);
  expect(await refused.text()).toContain('being taken already');
  await extension.shutdown?.();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 500]));
});

test.each(['0', '-1', '601', 'x'])('seconds=%s is refused', async (seconds) => {
  const { get } = await serve();
  expect((await get(`profile?seconds=${seconds}`)).status).toBe(400);
});

test('the heap is sampled from the start', async () => {
  const { get } = await serve();
  const kept = Array.from({ length: 200 }, (_, i) => Array.from({ length: 10_000 }, (__, j) => ({ i, j })));
  const profile = (await (await get('heap')).json()) as { head: object; samples: { size: number }[] };
  expect(kept).toHaveLength(200);
  expect(profile.samples.reduce((sum, { size }) => sum + size, 0)).toBeGreaterThan(10 * 1024 * 1024);
});

test('the index links to both, and there is nothing else', async () => {
  const { get } = await serve();
  const page = await (await get('')).text();
  expect(page).toContain('href="profile?seconds=30"');
  expect(page).toContain('href="heap"');
  expect((await get('goroutine')).status).toBe(404);
});

test('a profile of the whole run is written at the end', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pprof-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'run.cpuprofile');
  const { extension } = await serve(`{ endpoint: "localhost:0", save_to_file: "${file}" }`);
  await extension.shutdown?.();
  expect((JSON.parse(readFileSync(file, 'utf8')) as CpuProfile).nodes.length).toBeGreaterThan(0);
});

test('what Go profiles and V8 does not have is taken', async () => {
  const { get } = await serve('{ endpoint: "localhost:0", block_profile_fraction: 3, mutex_profile_fraction: 5 }');
  expect((await get('')).status).toBe(200);
});
