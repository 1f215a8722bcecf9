/**
 * Plays seeds: `npm run sim -- --seeds 10000`, or one of them: `--seed 42 --verbose`. With `--seeds`, `--seed` is the
 * first. A failing seed is minimized and described; exit code 1.
 */
import { fork } from 'node:child_process';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { describeFailure } from './report.ts';
import { drawScenario } from './scenario.ts';
import { simulate } from './simulation.ts';
import { describeEvent } from './trace.ts';

/** Seeds of one process: what the dead collectors of a simulation leave behind is collected with it. */
const SHARE = 100;

interface Share {
  readonly first: number;
  readonly count: number;
}

interface Played {
  readonly failures: number;
  readonly seen: Readonly<Record<string, number>>;
}

const { values } = parseArgs({
  options: { seeds: { type: 'string' }, seed: { type: 'string' }, verbose: { type: 'boolean', default: false } },
});
const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? 1);

if (process.send !== undefined) process.send(await play({ first, count }), () => process.exit());
else if (count === 1) process.exitCode = (await play({ first, count }, values.verbose)).failures;
else await playAll();

async function play(share: Share, verbose = false): Promise<Played> {
  let failures = 0;
  const seen: Record<string, number> = {};
  for (let seed = share.first; seed < share.first + share.count; seed++) {
    const scenario = drawScenario(seed);
    const outcome = await simulate(scenario);
    for (const [what, times] of Object.entries(outcome.seen)) seen[what] = (seen[what] ?? 0) + times;
    if (verbose) {
      console.log(JSON.stringify({ config: scenario.config, lives: scenario.lives }, null, 1));
      for (const event of outcome.trace.events) console.log(describeEvent(event));
    }
    if (verbose || share.count === 1)
      console.log(`seed ${seed}: ${outcome.trace.hash}, ${outcome.violations.length} violations`);
    if (outcome.violations.length === 0) continue;
    failures += 1;
    console.log(await describeFailure(seed, outcome));
  }
  return { failures, seen };
}

async function playAll(): Promise<void> {
  const started = performance.now();
  const shares: Share[] = [];
  for (let at = first; at < first + count; at += SHARE) {
    shares.push({ first: at, count: Math.min(SHARE, first + count - at) });
  }
  let failures = 0;
  const seen: Record<string, number> = {};
  const worker = async () => {
    for (let share = shares.shift(); share !== undefined; share = shares.shift()) {
      const played = await inChild(share);
      failures += played.failures;
      for (const [what, times] of Object.entries(played.seen)) seen[what] = (seen[what] ?? 0) + times;
    }
  };
  await Promise.all(Array.from({ length: os.availableParallelism() }, worker));
  console.log(
    `${count} seeds from ${first} in ${Math.round((performance.now() - started) / 1000)} s: ${failures} failed`,
  );
  console.log(`seen: ${JSON.stringify(seen)}`);
  process.exitCode = failures > 0 ? 1 : 0;
}

function inChild(share: Share): Promise<Played> {
  const child = fork(import.meta.filename, ['--seed', String(share.first), '--seeds', String(share.count)]);
  return new Promise((resolve) => {
    let played: Played | undefined;
    child.on('message', (message) => (played = message as Played));
    child.on('close', (code) => {
      if (played === undefined)
        console.log(`seeds ${share.first} to ${share.first + share.count - 1} ended with ${code}`);
      resolve(played ?? { failures: 1, seen: {} });
    });
  });
}
