/**
 * Compares the working tree with the revision that it comes from: CPU per item of a few short scenarios, in turn, on the
 * same machine. Fails where the median of the ratios is above the bound. `npm run bench:gate -- [--base REF] [--quick] [--bound 1.3]`
 */
import { parseArgs } from 'node:util';
import { Checkout, git } from '../checkout.ts';
import { read, type Reading } from '../peers/reading.ts';
import { chosenScenarios, type Scenario } from '../peers/scenarios.ts';
import { millrace, type Subject } from '../peers/subjects.ts';
import { median } from '../statistics.ts';
import { findBase } from './find-base.ts';

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
async function ratios(scenario: Scenario, base: Subject, present: Subject): Promise<readonly number[]> {
  const found: number[] = [];
  for (let round = 0; round < plan.rounds; round++) {
    // The first of a pair changes, so that neither always has the quieter moment.
    const order = round % 2 === 0 ? [base, present] : [present, base];
    const readings = new Map<Subject, Reading>();
    for (const subject of order) readings.set(subject, await read(subject, scenario, amount));
    found.push((readings.get(present)?.cpu ?? Number.NaN) / (readings.get(base)?.cpu ?? Number.NaN));
  }
  return found;
}

/** Names of the scenarios that got too expensive. */
async function compare(revision: string): Promise<readonly string[]> {
  const checkout = Checkout.of(revision);
  const slower: string[] = [];
  try {
    const base = millrace({ threads: 0, name: 'base', folder: checkout.folder });
    const present = millrace({ threads: 0, name: 'working tree' });
    for (const scenario of chosenScenarios(plan.names)) {
      const found = await ratios(scenario, base, present);
      const middle = median(found);
      if (!(middle <= bound)) slower.push(scenario.name);
      const each = found.map((ratio) => ratio.toFixed(2)).join(' ');
      console.log(`${scenario.name.padEnd(14)} ${middle.toFixed(2)} times the CPU of the base (${each})`);
    }
  } finally {
    checkout.remove();
  }
  return slower;
}

const base = findBase(values.base, git);
if (base.revision === undefined) {
  console.log(`nothing to compare with: ${base.reason}`);
} else {
  console.log(`working tree beside ${base.revision.slice(0, 10)} (${base.reason})`);
  const slower = await compare(base.revision);
  if (slower.length > 0) {
    console.error(`more than ${bound} times the CPU of the base: ${slower.join(', ')}`);
    process.exitCode = 1;
  }
}
