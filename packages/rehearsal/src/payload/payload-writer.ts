import { writeRequest } from '@millrace/records';
import type { StillClock } from '../still-clock.ts';
import type { Payload } from './payload.ts';

/** Makes requests of payloads, as of the moment in which they are sent; one for each rehearsal, as it numbers spans. */
export class PayloadWriter {
  readonly #clock: StillClock;
  #ids = 0n;

  constructor(clock: StillClock) {
    this.#clock = clock;
  }

  requestOf(payload: Payload): Uint8Array {
    if ('request' in payload) return payload.request;
    const fields = payload.records.map((record) => record.fields);
    const nowNanos = BigInt(this.#clock.now()) * 1_000_000n;
    return writeRequest(payload.signal, fields, { nowNanos, nextId: () => ++this.#ids });
  }
}
