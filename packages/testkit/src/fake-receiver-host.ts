import {
  type Body,
  type ClientContext,
  type DeliveryError,
  type Payload,
  type Receipt,
  type ReceiverHost,
  retryable,
  type Signal,
} from '@millrace/api';
import { FakeBody } from './fake-body.ts';
import { FakeHost, type FakeHostSettings } from './fake-host.ts';

/** A payload that a receiver handed over, copied. */
export interface ConsumedPayload {
  readonly signal: Signal;
  readonly body: Uint8Array;
  readonly form: unknown;
  readonly context: ClientContext | undefined;
  readonly transport: string | undefined;
}

/** A receiver's host that keeps what it is given; its bodies are counted. */
export class FakeReceiverHost extends FakeHost implements ReceiverHost {
  readonly signals: ReadonlySet<Signal>;
  readonly consumed: ConsumedPayload[] = [];
  /** Refuses every admission while it is set. */
  refusal: DeliveryError | undefined;
  /** Answers payloads; by default each is taken at once. */
  answer: (payload: ConsumedPayload) => Promise<Receipt> = () => Promise.resolve({ items: 0 });

  constructor(signals: Iterable<Signal>, settings: FakeHostSettings = {}) {
    super(settings);
    this.signals = new Set(signals);
  }

  readonly admit = (signal: Signal): Body => {
    if (!this.signals.has(signal)) throw retryable(`no pipeline takes ${signal}`, { code: 'SIGNAL_NOT_CONFIGURED' });
    if (this.refusal !== undefined) throw this.refusal;
    return new FakeBody(this.ledger);
  };

  readonly consume = async (signal: Signal, payload: Payload): Promise<Receipt> => {
    const { body, form, context, transport } = payload;
    const bytes = body instanceof Uint8Array ? body : takeBody(body);
    const kept = { signal, body: Uint8Array.from(bytes), form, context, transport };
    this.consumed.push(kept);
    return this.answer(kept);
  };
}

function takeBody(body: Body): Uint8Array {
  if (!(body instanceof FakeBody)) throw new TypeError('consume was given a body that admit did not make');
  return body.take();
}
