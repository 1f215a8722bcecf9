import { LogsBatch } from '@millrace/otlp';

/** Pure steps: `mark`, `only_even`, `poisoned_by`, `stamp_sender`, and the connector `pass`. */
export const STEPS = new URL('./plugins/steps.ts', import.meta.url);

/** A built-in plugin, as an engine under test is given it. */
export function builtIn(name: string): URL {
  return new URL(`../../../../plugins/${name}/src/index.ts`, import.meta.url);
}

/** One attribute of every record in accepted payloads, in order. */
export function attributeOf(payloads: readonly { readonly bytes: Uint8Array }[], key: string): unknown[] {
  const values: unknown[] = [];
  for (const record of LogsBatch.of(payloads.map(({ bytes }) => bytes)).records)
    values.push(record.attributes.get(key));
  return values;
}
