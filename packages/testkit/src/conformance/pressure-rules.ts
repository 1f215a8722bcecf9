import { isRetryable, messageOf, type Signal } from '@millrace/api';
import { collectorOf, type TestCollector } from '../collector-of.ts';
import { ManualClock } from '../manual-clock.ts';
import { taggedRequest } from '../tagged-items.ts';
import { drive } from './drive.ts';
import { droppedIn, isInTheMiddle } from './pipeline-accounting-rules.ts';
import type { Rule, Violation } from './rule.ts';
import type { Subject } from './subject.ts';
import { listIds } from './tally.ts';

/** What happens when exporters stand still. */
export const PRESSURE_RULES: readonly Rule[] = [
  {
    id: 'pressure/stall',
    says: 'while the destination stalls, memory stays bounded and new data is refused for now; afterwards all flows',
    appliesTo: isInTheMiddle,
    check: checkAll,
  },
];

const BUDGET_BYTES = 1024 * 1024;
const ITEMS = 50;

async function checkAll(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    // The signals share all of the code that holds data.
    for (const signal of entry.signals.slice(0, 1)) {
      const clock = new ManualClock();
      const service = { bytes_in_flight_max: BUDGET_BYTES };
      const yaml = subject.wire(entry.yaml, [signal], service);
      const collector = await collectorOf(yaml, { registry: subject.registry, clock, metrics: true });
      const found = await stall(subject, { collector, clock, signal });
      violations.push(...found.map(({ seen, remedy }) => ({ seen: `${entry.label}: ${seen}`, remedy })));
    }
  }
  return violations;
}

const HELD = 'hold data only in the batches that were handed over, which are accounted; copy nothing out of them';

interface Bench {
  readonly collector: TestCollector;
  readonly clock: ManualClock;
  readonly signal: Signal;
}

async function stall(subject: Subject, { collector, clock, signal }: Bench): Promise<readonly Violation[]> {
  const out = collector.out();
  out.stall();
  const violations: Violation[] = [];
  const accepted: number[] = [];
  const answers: Promise<void>[] = [];
  const met: { refusal?: unknown } = {};
  let sentBytes = 0;
  let sentItems = 0;
  let mostBytes = 0;
  for (let first = 0; met.refusal === undefined && sentBytes < 4 * BUDGET_BYTES; first += ITEMS) {
    const ids = Array.from({ length: ITEMS }, (_, index) => first + index);
    const request = taggedRequest(signal, ids, { paddingBytes: 200 });
    sentBytes += request.length;
    sentItems += ids.length;
    const answer = collector.in().send(signal, request);
    answers.push(
      answer.then(
        () => void accepted.push(...ids),
        (error: unknown) => void (met.refusal ??= error),
      ),
    );
    await clock.advance(300);
    mostBytes = Math.max(mostBytes, collector.bytesInFlight);
  }
  const { refusal } = met;
  if (mostBytes > BUDGET_BYTES) {
    violations.push({ seen: `${mostBytes} bytes in flight, with a budget of ${BUDGET_BYTES}`, remedy: HELD });
  }
  if (refusal !== undefined && !isRetryable(refusal)) {
    const remedy = 'reject with a retryable DeliveryError: the data is fine, the moment is not';
    violations.push({ seen: `data was refused for good: ${messageOf(refusal)}`, remedy });
  }
  out.resume();
  await drive(clock, Promise.all(answers), 'after the stall, senders were never answered');
  const again = collector.in().push(signal, [1_000_000]);
  await drive(clock, again, 'after the stall, new data was never answered').catch((error: unknown) => {
    violations.push({ seen: `after the stall, new data was refused: ${messageOf(error)}`, remedy: HELD });
  });
  const dropped = droppedIn(subject, await collector.metrics());
  await drive(clock, collector.shutdown(), 'the collector did not stop');
  const arrived = new Set(out.ids(signal));
  // A component that drops most of what comes, or counts it away, may take more than the budget: it holds only the rest.
  const heldBytes = Math.round((arrived.size * sentBytes) / sentItems);
  if (refusal === undefined && heldBytes > BUDGET_BYTES) {
    const seen = `${heldBytes} bytes were taken and held, with a budget of ${BUDGET_BYTES} and nothing delivered`;
    violations.push({ seen, remedy: HELD });
  }
  const lost = accepted.filter((id) => !arrived.has(id));
  if (lost.length > dropped) {
    const seen = `${listIds(lost)} items were accepted and never delivered; ${dropped} were counted as dropped`;
    violations.push({ seen, remedy: 'pass on what is held when next() takes it again' });
  }
  return violations;
}
