/**
 * Compares the working tree with the revision that it comes from: CPU per item of a few short scenarios, in turn, on the
 * same machine. Fails where the median of the ratios is above the bound, again and again. `npm run bench:gate -- [--base REF] [--quick] [--bound 1.3]`
 */
import { parseArgs } from 'node:util';
import { Checkout, git } from '../checkout.ts';
import { read, type Reading } from '../peers/reading.ts';
import { chosenScenarios, type Scenario } from '../peers/scenarios.ts';
import { millrace, type Subject } from '../peers/subjects.ts';
import { reasonIn } from '../pipeline/measured-process.ts';
import { findBase } from './find-base.ts';
import { suspect } from './suspicion.ts';

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    quick: { type: 'boolean', default: false },
    bound: { type: 'string', default: '1.3' },
  },
});
const bound = Number(values.bound);
/** A run takes one to two seconds. */
const plan = values.quick
  ? { names: ['forward', 'rename'], rounds: 3, requests: 300 }
  : { names: ['forward', 'forward-grpc', 'rename', 'transform10'], rounds: 5, requests: 500 };
const amount = { requests: plan.requests, warmUp: Math.round(plan.requests / 2) };

/** One scenario, the base's reading beside the working tree's in each round. */
async function ratios(
  scenario: Scenario,
  { base, present, rounds }: { readonly base: Subject; readonly present: Subject; readonly rounds: number },
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) {
    // The first of a pair changes, so that neither always has the quieter moment.
    const order = round % 2 === 0 ? [base, present] : [present, base];
    const readings = new Map<Subject, Reading>();
    for (const subject of order) readings.set(subject, await read(subject, scenario, amount));
    found.push((readings.get(present)?.cpu ?? Number.NaN) / (readings.get(base)?.cpu ?? Number.NaN));
  }
  return found;
}

/** Names of the scenarios that got too expensive. */
async function compare(base: Subject): Promise<readonly string[]> {
  const present = millrace({ threads: 0, name: 'working tree' });
  const slower: string[] = [];
  for (const scenario of chosenScenarios(plan.names)) {
    const found = await suspect((rounds) => ratios(scenario, { base, present, rounds }), {
      bound,
      rounds: plan.rounds,
    });
    if (found.isSlower) slower.push(scenario.name);
    const each = found.ratios.map((ratio) => ratio.toFixed(2)).join(' ');
    console.log(`${scenario.name.padEnd(14)} ${found.median.toFixed(2)} times the CPU of the base (${each})`);
  }
  return slower;
}

/** The base, once it has shown that it runs here: the installed dependencies are those of the working tree. */
async function baseIn(checkout: Checkout): Promise<Subject> {
  const base = millrace({ threads: 0, name: 'base', folder: checkout.folder });
  const [scenario] = chosenScenarios(plan.names);
  await read(base, scenario, { requests: 1, warmUp: 1 });
  return base;
}

/** Resolves with undefined where it cannot be had. */
async function baseOf(revision: string): Promise<{ readonly base: Subject; readonly checkout: Checkout } | undefined> {
  let checkout: Checkout | undefined;
  try {
    checkout = Checkout.of(revision);
    return { base: await baseIn(checkout), checkout };
  } catch (error) {
    checkout?.remove();
    console.log(`nothing to compare with: the base does not run here: ${reasonIn(error)}`);
    return undefined;
  }
}

async function gate(revision: string): Promise<void> {
  const found = await baseOf(revision);
  if (found === undefined) return;
  try {
    const slower = await compare(found.base);
    if (slower.length === 0) return;
    console.error(`more than ${bound} times the CPU of the base: ${slower.join(', ')}`);
    process.exitCode = 1;
  } finally {
    found.checkout.remove();
  }
}

const { revision, reason } = findBase(values.base, git);
if (revision === undefined) console.log(`nothing to compare with: ${reason}`);
else {
  console.log(`working tree beside ${revision.slice(0, 10)} (${reason})`);
  await gate(revision);
}
