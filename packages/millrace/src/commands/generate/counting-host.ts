import {
  type Body,
  ComponentError,
  type ComponentState,
  type Logger,
  type MemoryUse,
  type Payload,
  type Receipt,
  type ReceiverHost,
  SIGNALS,
  type Signal,
  type StepTools,
  type Telemetry,
} from '@millrace/api';
import { silentLogger, systemClock } from '@millrace/engine';
import { version } from '../../version.ts';

export interface CountingHostSettings {
  readonly announce: (place: string) => void;
  /** Counts the items of a payload and gives their number; throws a DeliveryError for what is none. */
  readonly take: (signal: Signal, body: Uint8Array, form: unknown) => number;
}

const nothing = () => undefined;

/** What its decoder is given. */
export const COUNTING_TOOLS: StepTools = {
  id: 'otlp',
  logger: silentLogger,
  context: undefined,
  count: nothing,
  nowUnixNano: () => BigInt(Date.now()) * 1_000_000n,
};

/** What a receiver is given whose telemetry is only counted: no pipeline, no memory that is accounted. */
export class CountingHost implements ReceiverHost {
  readonly id = 'otlp';
  readonly signals: ReadonlySet<Signal> = new Set(SIGNALS);
  readonly clock = systemClock;
  readonly version = version;
  readonly logger: Logger = silentLogger;
  readonly telemetry: Telemetry = {
    counter: () => ({ add: nothing }),
    histogram: () => ({ record: nothing }),
    gauge: () => nothing,
  };
  readonly #settings: CountingHostSettings;

  constructor(settings: CountingHostSettings) {
    this.#settings = settings;
  }

  // Components take methods off their host: all of them are bound.
  readonly extension = nothing;
  readonly reportStatus = nothing;
  readonly announce = (_what: unknown, place: string): void => this.#settings.announce(place);
  readonly admit = (): Body => new PlainBody();

  readonly memory = (): MemoryUse => {
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed, inFlight: 0, inFlightMax: Infinity };
  };

  readonly state = (storage: string): ComponentState => {
    throw new ComponentError(`there is no storage "${storage}"`, { code: 'STORAGE_UNAVAILABLE' });
  };

  // A promise of its own for each payload: what is thrown has to reject it.
  readonly consume = async (signal: Signal, { body, form }: Payload): Promise<Receipt> =>
    Promise.resolve({
      items: this.#settings.take(signal, body instanceof Uint8Array ? body : body.bytes, form),
    });
}

/** A body in ordinary memory. */
class PlainBody implements Body {
  readonly #chunks: Uint8Array[] = [];

  append(chunk: Uint8Array): void {
    this.#chunks.push(Uint8Array.from(chunk));
  }

  get bytes(): Uint8Array {
    return this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
  }

  release(): void {}
}
