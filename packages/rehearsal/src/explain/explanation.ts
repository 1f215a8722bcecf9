import type { Signal } from '@millrace/api';
import type { RecordChange, TelemetryRecord } from '@millrace/records';

/** What became of an input, pipeline by pipeline. Times are since the input came. */
export interface Explanation {
  readonly inputs: readonly InputStory[];
  /** Those that something came to, in the order in which it did. */
  readonly pipelines: readonly PipelineStory[];
  /** What components said meanwhile: warnings and errors. */
  readonly remarks: readonly Remark[];
  /** How much time was let pass. */
  readonly elapsedMs: number;
}

export interface InputStory {
  readonly receiver: string;
  readonly signal: Signal;
  readonly items: number;
  readonly answer: 'accepted' | 'refused' | 'waiting';
  /** Why it was refused. */
  readonly reason: string | undefined;
}

export interface PipelineStory {
  readonly id: string;
  readonly signal: Signal;
  /** Receivers that were fed, and connectors. */
  readonly receivers: readonly string[];
  /** In the times that are told of. */
  readonly items: number;
  /** When the first of it came. */
  readonly atMs: number;
  /** How often something came: connectors that summarise send again and again, and only the first times are told of. */
  readonly times: number;
  readonly steps: readonly StepStory[];
  readonly destinations: readonly DestinationStory[];
}

/** What one processor did. */
export interface StepStory {
  readonly processor: string;
  /** Decides only whether anything is let in. */
  readonly isGate: boolean;
  /** May hold what it is given. */
  readonly isStateful: boolean;
  readonly before: readonly TelemetryRecord[];
  readonly after: readonly TelemetryRecord[];
  readonly itemsBefore: number;
  readonly itemsAfter: number;
  readonly changes: readonly RecordChange[];
  /** How long it held the first of what it passed on. */
  readonly heldMs: number;
  /** What it refused, and why. */
  readonly refusal: string | undefined;
}

/** Where it goes from the end of a pipeline. */
export interface DestinationStory {
  readonly kind: 'exporter' | 'connector';
  readonly id: string;
  readonly items: number;
  /** Of an exporter: the address or path in its settings. */
  readonly place?: string;
  readonly payload?: PayloadStory;
  /** Of a connector: what came to each pipeline behind it. */
  readonly passes?: readonly { readonly pipeline: string; readonly items: number }[];
}

/** What an exporter would send. */
export interface PayloadStory {
  readonly bytes: number;
  /** What it begins with, where that is text. */
  readonly text: string | undefined;
  /** Why it cannot be made here. */
  readonly error: string | undefined;
}

export interface Remark {
  readonly level: 'warn' | 'error';
  readonly component: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}
