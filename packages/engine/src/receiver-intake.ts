import {
  type Body,
  type Counter,
  DeliveryError,
  type Gate,
  ITEM_NAMES,
  type Payload,
  permanent,
  type Receipt,
  type Signal,
  type Telemetry,
} from '@millrace/api';
import type { Arena } from '@millrace/workers';
import { IntakeBody, type RequestRoom } from './request-room.ts';
import { shuttingDown, type Stage } from './stage.ts';
import { GateMetrics } from './telemetry/gate-metrics.ts';

/** Where data goes from an intake. */
export interface Way {
  readonly stage: Stage;
  /** By processor id. */
  readonly gates: ReadonlyMap<string, Gate>;
}

export interface IntakeSettings extends Way {
  readonly receiver: string;
  readonly signal: Signal;
  readonly arena: Arena;
  readonly room: RequestRoom;
  readonly telemetry: Telemetry;
}

/** Where one receiver hands in one signal: admission, accounting, and the way into its stage. */
export class ReceiverIntake {
  readonly #settings: IntakeSettings;
  #way: Way;
  readonly #accepted: Counter;
  readonly #refused: Counter;
  readonly #refusedRequests: Counter;
  readonly #gateMetrics: GateMetrics;
  #closed = false;

  constructor(settings: IntakeSettings) {
    this.#settings = settings;
    this.#way = { stage: settings.stage, gates: settings.gates };
    const { telemetry, signal } = settings;
    const items = ITEM_NAMES[signal];
    const what = items.replaceAll('_', ' ');
    this.#accepted = telemetry.counter(`receiver_accepted_${items}`, {
      description: `Number of ${what} successfully pushed into the pipeline`,
      unit: `{${items}}`,
    });
    this.#refused = telemetry.counter(`receiver_refused_${items}`, {
      description: `Number of ${what} that could not be pushed into the pipeline`,
      unit: `{${items}}`,
    });
    this.#refusedRequests = telemetry.counter('receiver_refused_requests', {
      description: 'Number of requests refused without their items being known: unread, or not decodable',
      unit: '{requests}',
    });
    this.#gateMetrics = new GateMetrics(telemetry, signal);
  }

  /** Room for a body, or an error: a retryable one, or a permanent TOO_LARGE where there can never be room. */
  admit(expectedBytes: number | undefined): Body {
    return this.#admit(expectedBytes);
  }

  #admit(expectedBytes: number | undefined): IntakeBody {
    const { arena, room, receiver } = this.#settings;
    try {
      if (this.#closed) throw shuttingDown();
      for (const [id, gate] of this.#way.gates) this.#pass(id, gate, expectedBytes ?? 0);
      const arrival = room.arrive();
      try {
        return new IntakeBody(arena.openBody(expectedBytes), room, arrival);
      } catch (error) {
        throw room.judge(error, arrival, expectedBytes ?? 0);
      }
    } catch (error) {
      this.#refusedRequests.add(1, { receiver });
      throw error;
    }
  }

  async consume(payload: Payload): Promise<Receipt> {
    if (this.#closed) {
      if (!(payload.body instanceof Uint8Array)) payload.body.release();
      throw shuttingDown();
    }
    const { receiver, room } = this.#settings;
    const { stage, gates } = this.#way;
    const body = this.#bodyOf(payload.body);
    const region = body.toRegion();
    const { length } = region.bytes;
    const { items, failedItems, error } = await stage.submit([
      { region, form: payload.form, context: payload.context },
    ]);

    for (const id of gates.keys()) this.#gateMetrics.passed(id, items);
    const labels = { receiver, transport: payload.transport ?? '' };
    this.#accepted.add(items - failedItems, labels);
    this.#refused.add(failedItems, labels);
    if (error === undefined) return { items };
    if (items === 0) this.#refusedRequests.add(1, { receiver });
    if (failedItems < items) throw permanent(error.message, { code: error.code, cause: error, failedItems });
    throw ofAll(room.judge(error, body.arrival, length));
  }

  /** Sends what comes from now on another way. */
  follow(way: Way): void {
    this.#way = way;
  }

  #pass(id: string, gate: Gate, bytes: number): void {
    try {
      gate.admit(bytes);
    } catch (error) {
      this.#gateMetrics.refused(id);
      throw error;
    }
  }

  /** Refuses from now on; what was taken goes on. */
  close(): void {
    this.#closed = true;
  }

  #bodyOf(body: Body | Uint8Array): IntakeBody {
    if (!(body instanceof Uint8Array)) return body as IntakeBody;
    const copy = this.#admit(body.length);
    copy.append(body);
    return copy;
  }
}

/** The same error for everything that was handed in: a number of failed items would mean that the others were taken. */
function ofAll(error: DeliveryError): DeliveryError {
  if (error.failedItems === undefined) return error;
  const { code, retryable, retryAfterMs, message } = error;
  const delay = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new DeliveryError(message, { code, retryable, ...delay, cause: error });
}
