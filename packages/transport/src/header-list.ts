import { Type } from '@millrace/api';
import type { Static } from '@millrace/api';

/** Header names and secret values, as a mapping or as a list of `name` and `value`. */
export const headerList = (description: string) =>
  Type.Union(
    [
      Type.Record(Type.Secret()),
      Type.Array(
        Type.Object({
          name: Type.String({ minLength: 1, description: 'Name of the header.' }),
          value: Type.Secret({ description: 'Its value.' }),
        }),
      ),
    ],
    { description },
  );

export type HeaderList = Static<ReturnType<typeof headerList>>;

/** The pairs of a header list with lower-case names. */
export function headerPairs(headers: HeaderList | undefined): [string, string][] {
  if (headers === undefined) return [];
  if (Array.isArray(headers)) return headers.map(({ name, value }) => [name.toLowerCase(), value]);
  return Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
}
