import { collectorOf } from '../collector-of.ts';
import { ManualClock } from '../manual-clock.ts';
import { drive } from './drive.ts';
import type { Rule, Violation } from './rule.ts';
import type { Entry, Subject } from './subject.ts';

/** What a receiver owes that makes or fetches its data itself: nobody waits for its answers. */
export const SOURCE_RULES: readonly Rule[] = [
  {
    id: 'pressure/source',
    says: 'while the destination stalls, a receiver without senders keeps within the memory budget; afterwards it goes on',
    appliesTo: ({ definition, options }) => definition.kind === 'receiver' && options.receiver === undefined,
    check: checkAll,
  },
];

const BUDGET_BYTES = 1024 * 1024;
const STEP_MS = 100;
/** Time for one that makes little. */
const STEPS_MAX = 100;
/** Steps after the budget is half used: enough to be refused. */
const STEPS_AT_LIMIT = 10;

async function checkAll(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    const found = await stall(subject, entry);
    violations.push(...found.map(({ seen, remedy }) => ({ seen: `${entry.label}: ${seen}`, remedy })));
  }
  return violations;
}

async function stall(subject: Subject, { yaml, signals }: Entry): Promise<readonly Violation[]> {
  const clock = new ManualClock();
  const config = subject.wire(yaml, signals, { bytes_in_flight_max: BUDGET_BYTES });
  const collector = await collectorOf(config, { registry: subject.registry, clock });
  const out = collector.out();
  const violations: Violation[] = [];
  out.stall();
  let mostBytes = 0;
  let atLimit = 0;
  for (let step = 0; step < STEPS_MAX && atLimit < STEPS_AT_LIMIT; step++) {
    await clock.advance(STEP_MS);
    mostBytes = Math.max(mostBytes, collector.bytesInFlight);
    if (collector.bytesInFlight > BUDGET_BYTES / 2) atLimit++;
  }
  const duringStall = out.calls;
  out.resume();
  for (let step = 0; step < STEPS_MAX && out.calls === duringStall; step++) await clock.advance(STEP_MS);
  if (mostBytes > BUDGET_BYTES) {
    const remedy = 'ask admit() for room before data is made or fetched, and wait when it throws';
    violations.push({ seen: `${mostBytes} bytes in flight, with a budget of ${BUDGET_BYTES}`, remedy });
  }
  if (duringStall > 0 && out.calls === duringStall) {
    const seen = 'it made data, was stalled, and made nothing more when the destination was back';
    violations.push({ seen, remedy: 'go on after a refusal' });
  }
  await drive(clock, collector.shutdown(), 'the collector did not stop');
  const left = collector.bytesInFlight;
  if (left > 0)
    violations.push({ seen: `${left} bytes are held after the end`, remedy: 'release bodies not consumed' });
  return violations;
}
