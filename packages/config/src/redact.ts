import type { SchemaData } from '@millrace/api';
import type { ConfigNode, ScalarNode } from './node.ts';
import { someScalar } from './node.ts';
import { isSensitiveKey, withoutUrlSecrets } from './secrets.ts';
import { REDACTED } from './source.ts';

/** Shorter secrets would be found everywhere in other values. */
const SEARCHED_CHARACTERS_MIN = 6;

/** Collects the texts of all values that a schema, or their key, says are secret. */
export function collectSecrets(
  node: ConfigNode,
  schema: SchemaData | undefined,
  key: string,
  found: Set<string>,
): void {
  if (isSecret(schema, key)) {
    someScalar(node, ({ text }) => {
      if (text.length >= SEARCHED_CHARACTERS_MIN) found.add(text);
      return false;
    });
  } else if (node.kind === 'map') {
    for (const [name, entry] of node.entries) collectSecrets(entry.value, propertyOf(schema, name), name, found);
  } else if (node.kind === 'list') {
    for (const item of node.items) collectSecrets(item, itemsOf(schema), key, found);
  }
}

/** Whether a setting must not be shown. */
export function isSecret(schema: SchemaData | undefined, key: string): boolean {
  if (schema?.['x-secret'] === true || schema?.anyOf?.some((option) => option['x-secret'] === true) === true)
    return true;
  // Numbers and switches such as `token_limit` or `password: true` in a schema are no secrets.
  return isSensitiveKey(key) && (schema === undefined || schema.type === undefined || schema.type === 'string');
}

/** Keeps excerpts from showing what stands under keys that sound like secrets. */
export function hideSensitive(node: ConfigNode, key = ''): void {
  if (isSensitiveKey(key)) {
    someScalar(node, (scalar) => {
      hideInSource(scalar);
      return false;
    });
  } else if (node.kind === 'map') {
    for (const [name, entry] of node.entries) hideSensitive(entry.value, name);
  } else if (node.kind === 'list') {
    for (const item of node.items) hideSensitive(item, key);
  }
}

/** Takes a secret out of the excerpts that messages show. */
export function hideInSource({ origin, length }: ScalarNode): void {
  if (length > 0) origin.source.hide(origin.offset, origin.offset + length);
}

/** Takes out of a text what is known to be secret. */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  let result = withoutUrlSecrets(text);
  for (const secret of secrets) result = result.replaceAll(secret, REDACTED);
  return result;
}

/** The schema of a key of an object; of the option of a union that has it. */
export function propertyOf(schema: SchemaData | undefined, key: string): SchemaData | undefined {
  if (schema === undefined) return undefined;
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  for (const option of schema.anyOf ?? []) {
    const found = propertyOf(option, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The schema of a list's items; of the option of a union that is a list. */
export function itemsOf(schema: SchemaData | undefined): SchemaData | undefined {
  return schema?.items ?? schema?.anyOf?.map(itemsOf).find((items) => items !== undefined);
}
