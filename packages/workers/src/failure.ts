import { DeliveryError, messageOf } from '@millrace/api';
import { InvalidMessage } from '@millrace/otlp';
import type { StepSpec } from './plan.ts';
import { frameIn } from './plugin-frame.ts';

/** A DeliveryError as plain data: errors of our own class do not survive the way between threads. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  /** Where in the plugin it was thrown, `file:line:column`; for its author, not for senders. */
  readonly at?: string;
}

const KINDS = { decoder: 'receiver', transform: 'processor', junction: 'connector', encoder: 'exporter' } as const;

/** What a component is called in messages: `processor "attributes/env"`. */
export function nameOf(step: StepSpec): string {
  return `${KINDS[step.role]} "${step.id}"`;
}

/** What a step threw, with the component's name. A decoder's DeliveryError is the sender's answer and stays as it is. */
export function failureOf(error: unknown, step: StepSpec): Failure {
  // OTLP that a decoder refuses: its message says where, and is the sender's answer too.
  if (error instanceof InvalidMessage && step.role === 'decoder') return invalidOf(error);
  if (!(error instanceof DeliveryError)) {
    const code = step.role === 'decoder' ? 'DECODE_FAILED' : 'STEP_FAILED';
    const at = frameIn(error, step.module);
    return {
      code,
      message: `${nameOf(step)} failed: ${messageOf(error)}`,
      retryable: false,
      retryAfterMs: undefined,
      ...(at === undefined ? {} : { at }),
    };
  }
  const { code, retryable, retryAfterMs, message } = error;
  return { code, message: step.role === 'decoder' ? message : `${nameOf(step)}: ${message}`, retryable, retryAfterMs };
}

export function invalidOf({ code, message }: InvalidMessage): Failure {
  return { code, message, retryable: false, retryAfterMs: undefined };
}

/** The error that callers get. */
export function errorOf(failure: Failure, failedItems: number | undefined): DeliveryError {
  return new DeliveryError(failure.message, {
    code: failure.code,
    retryable: failure.retryable,
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
    ...(failedItems === undefined || failure.retryable ? {} : { failedItems }),
  });
}
