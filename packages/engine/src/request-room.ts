import { type Body, type DeliveryError, permanent } from '@millrace/api';
import type { Arena, ArenaBody } from '@millrace/workers';
import { asDeliveryError } from './stage.ts';

/** When a request came, as far as it matters to its refusal. */
export interface Arrival {
  /** How many requests had come before. */
  readonly number: number;
  /** Whether nothing else was in memory. */
  readonly foundNothing: boolean;
}

/**
 * Tells requests that can never fit into the memory budget from those that do not fit now: what does not fit although
 * nothing else is in memory would be sent again for ever. One for all intakes of a collector.
 */
export class RequestRoom {
  readonly #arena: Arena;
  #arrivals = 0;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  arrive(): Arrival {
    return { number: ++this.#arrivals, foundNothing: this.#arena.bytesInFlight === 0 };
  }

  /**
   * The error that the sender of a request gets whose memory has been given back: MEMORY_BUDGET becomes TOO_LARGE, which
   * is permanent, where no other request was in its way.
   */
  judge(error: unknown, arrival: Arrival, bytes: number): DeliveryError {
    const refusal = asDeliveryError(error);
    if (refusal.code !== 'MEMORY_BUDGET') return refusal;
    const { bytesInFlight, bytesInFlightMax } = this.#arena;
    const wasAlone = arrival.foundNothing && bytesInFlight === 0 && arrival.number === this.#arrivals;
    if (!wasAlone && bytes <= bytesInFlightMax) return refusal;
    return permanent(
      `a request of ${bytes} bytes can never fit, with what becomes of it, into the ${bytesInFlightMax} bytes of service.bytes_in_flight_max; raise it, or send smaller requests`,
      { code: 'TOO_LARGE', cause: refusal },
    );
  }
}

/** A body that is being read, and says whether what is too much for now is too much for ever. */
export class IntakeBody implements Body {
  readonly #body: ArenaBody;
  readonly #room: RequestRoom;
  readonly arrival: Arrival;
  #length = 0;

  constructor(body: ArenaBody, room: RequestRoom, arrival: Arrival) {
    this.#body = body;
    this.#room = room;
    this.arrival = arrival;
  }

  append(chunk: Uint8Array): void {
    this.#length += chunk.length;
    try {
      this.#body.append(chunk);
    } catch (error) {
      // Its owner would do that next.
      this.#body.release();
      throw this.#room.judge(error, this.arrival, this.#length);
    }
  }

  get bytes(): Uint8Array {
    return this.#body.bytes;
  }

  /** Ends the body and passes its bytes on. */
  toRegion(): ReturnType<ArenaBody['toRegion']> {
    return this.#body.toRegion();
  }

  release(): void {
    this.#body.release();
  }
}
