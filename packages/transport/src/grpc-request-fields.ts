import { formatTimeout } from './grpc-timeout.ts';
import type { RequestFields } from './http2/client-connection.ts';
import { HeaderField } from './http2/hpack-table.ts';

type Pair = readonly [name: string, value: string];
type Pairs = Readonly<Record<string, string>>;

/** Methods and encodings whose fields are kept; nobody has more. */
const KEPT_MAX = 100;

/** What differs from call to call. */
export interface CallFields {
  readonly path: string;
  /** Empty: not compressed. */
  readonly encoding: string;
  readonly timeoutMs: number | undefined;
  readonly metadata: Pairs | undefined;
  readonly credentials: Pairs | undefined;
}

/**
 * The header fields of a client's calls. Of fields with one name the credentials' wins, then the configured one, then the caller's.
 */
export class GrpcRequestFields {
  readonly #pseudo: readonly Pair[];
  readonly #regular: readonly Pair[];
  readonly #configured: readonly Pair[];
  /** By path and encoding. The same objects for each call, so that connections send short references to them. */
  readonly #repeated: Map<string, readonly HeaderField[]>;

  constructor(fields: { readonly pseudo: Pairs; readonly regular: Pairs; readonly configured: readonly Pair[] }) {
    this.#configured = last(fields.configured.map(([name, value]) => [name, value.trim()]));
    this.#pseudo = Object.entries(fields.pseudo);
    this.#regular = without(Object.entries(fields.regular), this.#configured);
    this.#repeated = new Map();
  }

  of({ path, encoding, timeoutMs, metadata, credentials }: CallFields): RequestFields {
    const single: Pair[] = timeoutMs === undefined ? [] : [['grpc-timeout', formatTimeout(timeoutMs)]];
    const repeated = this.#repeatedFor(path, encoding);
    if (metadata === undefined && credentials === undefined) return { repeated, single, secret: this.#configured };
    const given = Object.entries(credentials ?? {});
    const own = without(Object.entries(metadata ?? {}), [...this.#configured, ...given]);
    const named = new Set([...own, ...given].map(([name]) => name));
    return {
      repeated: repeated.filter(({ name }) => !named.has(name)),
      single: [...single, ...own],
      secret: [...without(this.#configured, given), ...given],
    };
  }

  #repeatedFor(path: string, encoding: string): readonly HeaderField[] {
    const key = `${path}\n${encoding}`;
    const kept = this.#repeated.get(key);
    if (kept !== undefined) return kept;
    const pairs: Pair[] = [...this.#pseudo, [':path', path], ...this.#regular];
    if (encoding !== '') pairs.push(['grpc-encoding', encoding]);
    const fields = pairs.map(([name, value]) => this.#known(name, value));
    if (this.#repeated.size >= KEPT_MAX) this.#repeated.clear();
    this.#repeated.set(key, fields);
    return fields;
  }

  /** A field that another list has already, as the same object. */
  #known(name: string, value: string): HeaderField {
    for (const fields of this.#repeated.values()) {
      const found = fields.find((field) => field.name === name && field.value === value);
      if (found !== undefined) return found;
    }
    return new HeaderField(name, value);
  }
}

/** Of pairs with one name the last. */
function last(pairs: readonly Pair[]): Pair[] {
  return [...new Map(pairs)];
}

function without(pairs: readonly Pair[], others: readonly Pair[]): readonly Pair[] {
  return pairs.filter(([name]) => !others.some(([other]) => other === name));
}
