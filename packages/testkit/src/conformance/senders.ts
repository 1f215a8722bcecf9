import { type Batch, type ClientContext, permanent, retryable } from '@millrace/api';
import type { FakeHost } from '../fake-host.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Violation } from './rule.ts';

/** A batch that was given to a stateful component. */
export interface Given {
  readonly ids: readonly number[];
  answers: number;
  accepted: boolean;
}

/** A fake host that makes batches. */
interface Maker {
  batch(ids: readonly number[], context?: ClientContext): Batch;
}

/** Gives a component a batch of a few items from one of several senders. */
export function give(
  component: { consume(batch: Batch): Promise<void> },
  host: Maker,
  { random, first }: { readonly random: SeededRandom; readonly first: number },
): Given {
  const ids = Array.from({ length: random.between(1, 9) }, (_, index) => first + index);
  const given: Given = { ids, answers: 0, accepted: false };
  const context: ClientContext = { metadata: { 'x-tenant': [random.pick(['a', 'b', 'c'])] } };
  // Not awaited but listened to, so that a second answer is heard.
  void component.consume(host.batch(ids, context)).then(
    () => {
      given.answers++;
      given.accepted = true;
    },
    () => void given.answers++,
  );
  return given;
}

/** Takes or refuses, at once or later. */
export async function answerAtRandom({ manualClock }: FakeHost, random: SeededRandom): Promise<void> {
  const error = random.pick([undefined, undefined, undefined, retryable('busy'), permanent('refused for good')]);
  if (random.chance(0.5)) {
    const delayMs = random.between(1, 300);
    await new Promise<void>((resolve) => void manualClock.after(delayMs, resolve));
  }
  if (error !== undefined) throw error;
}

export function* answeredOnce(given: readonly Given[]): Iterable<Violation> {
  const silent = given.filter((each) => each.answers === 0).length;
  if (silent > 0) {
    yield { seen: `${silent} of ${given.length} senders got no answer`, remedy: 'settle every promise of consume()' };
  }
  const twice = given.filter((each) => each.answers > 1).length;
  if (twice > 0) {
    yield { seen: `${twice} of ${given.length} senders were answered twice`, remedy: 'return an ordinary promise' };
  }
}

export function* releasedOnce({ ledger }: FakeHost): Iterable<Violation> {
  const remedy = 'release a batch exactly once, or hand it to the host, which takes it over';
  for (const seen of new Set([...ledger.faults, ...ledger.leaks.map((leak) => `not released: ${leak}`)])) {
    yield { seen, remedy };
  }
}
