import type { ClientContext } from '@millrace/api';
import {
  compileValue,
  type ContextName,
  functionRegistry,
  OttlRuntimeError,
  STANDARD_FUNCTIONS,
  typeOf,
  type Value,
  type ValueReader,
} from '@millrace/ottl';
import type { LimitedSignal } from './walk-items.ts';

const FUNCTIONS = functionRegistry(STANDARD_FUNCTIONS.filter(({ kind }) => kind === 'converter'));

const CONTEXTS: Readonly<Record<LimitedSignal, readonly ContextName[]>> = {
  logs: ['log', 'scope', 'resource'],
  traces: ['span', 'scope', 'resource'],
  metrics: ['datapoint', 'metric', 'scope', 'resource'],
};

/** @throws OttlErrors where it is no OTTL value, or one that items of the signal do not have */
export function compileKey(text: string, signal: LimitedSignal, now?: () => bigint): ValueReader {
  return compileValue({
    value: text,
    // What is about the sender only is the same for all: nothing to infer a context from.
    context:
      isAboutSender(text) && !/\b(?:log|span|datapoint|metric|scope|resource)\./.test(text) ? 'resource' : undefined,
    candidates: CONTEXTS[signal],
    functions: FUNCTIONS,
    ...(now === undefined ? {} : { now }),
  });
}

/** Whether an expression asks who sent the telemetry. */
export function isAboutSender(text: string): boolean {
  return /\botelcol\./.test(text);
}

export function showSender(reader: ValueReader, sender: ClientContext | undefined): void {
  reader.client =
    sender === undefined
      ? null
      : {
          ...(sender.address === undefined ? {} : { addr: sender.address }),
          ...(sender.metadata === undefined ? {} : { metadata: new Map(Object.entries(sender.metadata)) }),
        };
}

/** Undefined where there is no value. */
export function readKey(reader: ValueReader, view: object): string | undefined {
  try {
    return textOf(reader.get(view));
  } catch (error) {
    if (error instanceof OttlRuntimeError) return undefined;
    throw error;
  }
}

/** Different for different values of one type. */
function textOf(value: Value): string | undefined {
  if (value === null) return undefined;
  if (typeof value !== 'object') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (value instanceof Map) return JSON.stringify([...value].map(([key, inner]) => [key, textOf(inner)]));
  if (Array.isArray(value)) return JSON.stringify(value.map((inner: Value) => textOf(inner)));
  const type = typeOf(value);
  if (type === 'part') return undefined;
  return `${type} ${JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))}`;
}
