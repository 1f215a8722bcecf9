import { permanent, retryable, type Signal } from '@millrace/api';
import type { Answer, Destination, ReceiverEnvironment } from '../conformance/options.ts';

/** What the receivers among the bad plugins are given. */
export type Inbox = (signal: Signal, request: Uint8Array) => Promise<Answer['outcome']>;

interface Edges {
  inbox: Inbox;
  deliver(bytes: Uint8Array): Promise<void>;
}

const KEY = Symbol.for('millrace-testkit-edges');

/** Where bad receivers and exporters meet their test, made when first asked for; both may have a copy of this module. */
export function edges(): Edges {
  const home = globalThis as { [KEY]?: Edges };
  home[KEY] ??= { inbox: () => Promise.resolve('permanent'), deliver: () => Promise.resolve() };
  return home[KEY];
}

/** A sender that puts requests into the inbox. */
export function inboxOf(type: string): ReceiverEnvironment {
  const send = async (signal: Signal, request: Uint8Array) => ({ outcome: await edges().inbox(signal, request) });
  return { config: `${type}:`, open: () => Promise.resolve({ send, close: () => Promise.resolve() }) };
}

/** A destination that is the outbox. */
export function outboxOf(type: string): Destination {
  const arrived: { readonly signal: Signal; readonly bytes: Uint8Array }[] = [];
  const acts: ('accept' | 'permanent' | 'retryable')[] = [];
  edges().deliver = async (bytes) => {
    const act = acts.shift() ?? 'accept';
    if (act === 'permanent') throw permanent('no');
    if (act === 'retryable') throw retryable('later');
    await Promise.resolve(arrived.push({ signal: 'logs', bytes }));
  };
  return {
    config: `${type}:`,
    read: () => Promise.resolve(arrived),
    respond: (next) => {
      acts.push(...next);
    },
    close: () => Promise.resolve(),
  };
}
