import type { Batch } from '@millrace/api';
import type { FinalDecision } from './decision.ts';
import type { Receipt } from './receipt.ts';

/** A trace that is waiting for its decision, or was decided and is kept in mind for late spans. */
export class HeldTrace {
  /** Its 16 bytes as Latin-1: a key that costs no hex. */
  readonly key: string;
  /** On the clock that never goes back, as all times here. */
  readonly arrivedAtMs: number;
  /** Whole requests with spans of this trace only. */
  batches: Batch[] = [];
  /** Who waits for them; for each sender once for each time. */
  receipts: Receipt[] = [];
  /** Of all that ever came. */
  spanCount = 0;
  /** Of what is held. */
  heldSpans = 0;
  bytes = 0;
  /** When the decision is due: the place in the Schedule, which keeps it. */
  dueTick = 0;
  decision: FinalDecision | undefined = undefined;
  decidedAtMs = 0;
  /** Neighbours by age; kept by TraceTable. */
  older: HeldTrace | undefined = undefined;
  newer: HeldTrace | undefined = undefined;

  constructor(key: string, arrivedAtMs: number) {
    this.key = key;
    this.arrivedAtMs = arrivedAtMs;
  }

  get id(): Uint8Array {
    return Buffer.from(this.key, 'latin1');
  }

  get chunks(): readonly Uint8Array[] {
    return this.batches.flatMap(({ chunks }) => chunks);
  }

  /** Hands what it holds over. */
  takeBatches(): Batch[] {
    const { batches } = this;
    this.batches = [];
    this.heldSpans = 0;
    return batches;
  }

  takeReceipts(): Receipt[] {
    const { receipts } = this;
    this.receipts = [];
    return receipts;
  }
}
