/**
 * Draws where the time goes, inline, as flame graphs: `node benchmarks/pipeline/flames.ts [--requests N]` writes one SVG for
 * each scenario of the peers' benchmark that is named below to docs/pictures.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type CpuProfile, flameGraph, since } from './flame-graph.ts';
import { load, Sink } from './load.ts';
import { MeasuredProcess } from './measured-process.ts';

const here = import.meta.dirname;
const root = path.join(here, '../..');
const pictures = path.join(root, 'docs/pictures');
const OTLP_PORT = 24_418;
const WARM_UP_REQUESTS = 300;

const JOBS = {
  forward: { scenario: 'forward', title: 'forward, OTLP/HTTP, 1,000 records a request' },
  rename: { scenario: 'rename', title: 'rename an attribute, OTLP/HTTP, 1,000 records a request' },
  'ten-statements': { scenario: 'transform10', title: 'ten statements, OTLP/HTTP, 1,000 records a request' },
} as const;

const { values } = parseArgs({ options: { requests: { type: 'string', default: '1500' } } });
mkdirSync(pictures, { recursive: true });
for (const [name, { scenario, title }] of Object.entries(JOBS)) {
  const profile = await profileOf(path.join(root, `benchmarks/peers/scenarios/${scenario}.yaml`));
  writeFileSync(path.join(pictures, `flame-${name}.svg`), flameGraph(profile, title));
  console.log(`docs/pictures/flame-${name}.svg`);
}

async function profileOf(config: string): Promise<CpuProfile> {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-flames-'));
  const sink = await Sink.start();
  const startedAtMs = performance.now();
  const subject = new MeasuredProcess(
    [
      '--cpu-prof',
      `--cpu-prof-dir=${folder}`,
      path.join(root, 'packages/millrace/bin/millrace.mjs'),
      'run',
      '--config',
      config,
      '--set',
      'service.workers.threads=0',
    ],
    { env: { PEER_HTTP_PORT: String(OTLP_PORT), PEER_GRPC_PORT: '0', PEER_SINK_HTTP: `127.0.0.1:${sink.httpPort}` } },
  );
  await subject.line(/ready/);
  // Start and first compilation are another matter.
  await loadOf(WARM_UP_REQUESTS);
  const warmUs = (performance.now() - startedAtMs) * 1_000;
  await loadOf(Number(values.requests));
  await subject.end('SIGTERM');
  await sink.end();
  // The main thread's is the largest.
  const files = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'utf8'));
  rmSync(folder, { recursive: true });
  return since(JSON.parse(files.toSorted((a, b) => b.length - a.length)[0]) as CpuProfile, warmUs);
}

async function loadOf(requests: number): Promise<void> {
  await load({ target: `127.0.0.1:${OTLP_PORT}`, requests, batch: 1_000, connections: 8 });
}
