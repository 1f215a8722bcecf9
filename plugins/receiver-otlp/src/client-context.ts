import type { ClientContext } from '@millrace/api';

/** What a request or call says of its sender. */
export function contextOf(head: {
  readonly address: string | undefined;
  readonly metadata: Readonly<Record<string, readonly string[]>> | undefined;
}): ClientContext {
  const { address, metadata } = head;
  return { ...(address === undefined ? {} : { address }), ...(metadata === undefined ? {} : { metadata }) };
}
