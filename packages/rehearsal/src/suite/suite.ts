import type { Origin } from '@millrace/config';
import type { Condition } from '@millrace/ottl';
import type { ClientContext, Signal } from '@millrace/api';
import type { ShortRecord } from '@millrace/records';
import type { Payload } from '../payload/payload.ts';
import type { Demeanour } from '../rehearsal.ts';

/** What a file of tests says. */
export interface Suite {
  /** As it was named. */
  readonly file: string;
  /** Paths of the configurations under test, merged in their order. */
  readonly configs: readonly string[];
  /** Merged over them, as a further file would be. */
  readonly overrides: unknown;
  /** `key.path=value`, as `--set` takes them. */
  readonly sets: readonly string[];
  /** Environment variables besides those of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly tests: readonly PipelineTest[];
}

export interface PipelineTest {
  readonly name: string;
  /** `file:line:col`. */
  readonly location: string;
  readonly subject: Subject;
  readonly steps: readonly Step[];
}

/** What is fed and watched: everything, one pipeline without its surroundings, or one processor or connector. */
export type Subject =
  | { readonly kind: 'config' }
  | { readonly kind: 'pipeline'; readonly id: string; readonly origin: Origin }
  | { readonly kind: 'component'; readonly id: string; readonly origin: Origin };

export type Step =
  | ({ readonly kind: 'input' } & InputStep)
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'exporters'; readonly demeanours: readonly Behaviour[] }
  /** Judges the answers that inputs expect by now. */
  | { readonly kind: 'answers' }
  | { readonly kind: 'expect'; readonly outputs: readonly OutputExpectation[] }
  | { readonly kind: 'shutdown' };

export interface Behaviour {
  readonly exporter: string;
  readonly demeanour: Demeanour;
  readonly origin: Origin;
}

export interface InputStep {
  readonly origin: Origin;
  readonly payloads: readonly Payload[];
  /** Undefined: the first receiver that has a pipeline for the signal. */
  readonly receiver: { readonly id: string; readonly origin: Origin } | undefined;
  readonly context: ClientContext | undefined;
  readonly answer: AnswerExpectation | undefined;
}

/** What the sender is to be told by the end of the step, when its time has passed. */
export interface AnswerExpectation {
  readonly kind: 'accepted' | 'refused' | 'waiting';
  readonly code?: string;
  /** A part of the message. */
  readonly message?: string;
  readonly retryable?: boolean;
  readonly origin: Origin;
}

/** What is to have come out at one place since the last expectation. */
export interface OutputExpectation {
  /** An exporter; of a connector under test a pipeline behind it; undefined where there is one way out. */
  readonly output: string | undefined;
  readonly origin: Origin;
  readonly exact?: readonly ShortRecord[];
  readonly subset?: readonly ShortRecord[];
  readonly count?: number;
  readonly every?: readonly RecordCondition[];
  readonly any?: readonly RecordCondition[];
  readonly none?: readonly RecordCondition[];
}

/** An OTTL condition on log records, spans or data points. */
export interface RecordCondition {
  readonly source: string;
  readonly origin: Origin;
  /** Compiled for each signal whose paths it has. */
  readonly on: Readonly<Partial<Record<Signal, Condition>>>;
}
