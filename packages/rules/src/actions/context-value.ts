import type { ClientContext } from '@millrace/api';

const METADATA = 'metadata.';
const AUTH = 'auth.';

/**
 * What `from_context` names; undefined where there is none. Several values are joined with `;`. The address of an unknown sender
 * is '', as in the Collector. Without a prefix, the name is that of metadata.
 */
export function contextValue(context: ClientContext | undefined, name: string): string | undefined {
  if (name === 'client.address') return context?.address ?? '';
  // No receiver authenticates senders, so that there is nothing known under this prefix.
  if (name.startsWith(AUTH)) return undefined;
  const key = name.startsWith(METADATA) ? name.slice(METADATA.length) : name;
  const values = context?.metadata?.[key.toLowerCase()];
  return values === undefined || values.length === 0 ? undefined : values.join(';');
}
