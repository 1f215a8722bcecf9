import type { Signal } from '@millrace/api';

/** What the suite cannot find out by itself about a plugin. Entries are as in a config file: `type/name: {...}`. */
export interface ConformanceOptions {
  /** More entries to try beside the examples; they must work without anything from outside. */
  readonly configs?: readonly string[];
  /** Entries whose start must fail, leaving nothing behind. */
  readonly failing?: readonly string[];
  /** Entries of a processor or connector that change nothing: what passes stays the same, byte for byte. */
  readonly untouched?: readonly string[];
  /**
   * For components whose output is random by design, as encryption is: what of their output must be the same wherever
   * it is made, such as all of it, decrypted. The suite refuses this for components that do not need it.
   */
  readonly comparable?: (signal: Signal, output: Uint8Array) => Uint8Array | Promise<Uint8Array>;
  /**
   * Ids of the pipelines that receive from a connector whose settings name them, by the id of its entry. Others give to
   * `<signal>/after`.
   */
  readonly receiving?: Readonly<Record<string, readonly string[]>>;
  /** One for each protocol that it speaks; none for receivers that make their data themselves. */
  readonly receiver?: ReceiverEnvironment | readonly ReceiverEnvironment[];
  readonly exporter?: ExporterEnvironment;
  /** For receivers that fetch their data and remember how far they have come. */
  readonly source?: SourceEnvironment;
  /** Start of the random numbers. */
  readonly seed?: number;
}

/** How a test plays the senders of a receiver. */
export interface ReceiverEnvironment {
  /** The receiver's entry: on free ports, in temporary places. */
  readonly config: string;
  /** Called when the receiver has started, with the places that it announced. */
  open(places: readonly string[]): Promise<Sender>;
}

export interface Sender {
  /** Sends an OTLP export request in the receiver's protocol, once, and tells the answer. */
  send(signal: Signal, request: Uint8Array): Promise<Answer>;
  close(): Promise<void>;
}

export interface Answer {
  readonly outcome: 'accepted' | 'permanent' | 'retryable';
  /** Items that the receiver said it did not take although it accepted the request. */
  readonly rejected?: number;
}

/** How a test plays what a receiver fetches its data from. */
export interface SourceEnvironment {
  open(): Promise<{
    /** The receiver's entry: it remembers in the storage `test_storage`, and fetches from here. */
    readonly config: string;
    /** The bodies of all log records that it will fetch, each a different text. */
    readonly bodies: readonly string[];
    close(): Promise<void>;
  }>;
}

/** How a test plays the destination of an exporter. */
export interface ExporterEnvironment {
  open(): Promise<Destination>;
}

export interface Destination {
  /** The exporter's entry that leads to this destination; without queue and retries where it has such settings. */
  readonly config: string;
  /** All that has arrived, as OTLP export requests. */
  read(): Promise<readonly { readonly signal: Signal; readonly bytes: Uint8Array }[]>;
  /** What becomes of the next requests, one after the other; afterwards all are accepted. */
  respond?(acts: readonly ('accept' | 'permanent' | 'retryable')[]): void;
  close(): Promise<void>;
}
