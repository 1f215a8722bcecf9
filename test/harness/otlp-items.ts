/**
 * Telemetry in one plain form, to compare what went in with what came out: a list of items, each with its resource and
 * scope. Integers of 64 bits are bigint, attributes are objects, and fields that hold their default are left out.
 */
export type Plain = string | number | bigint | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** A log record, a span or a data point (with its metric) and what stands around it. */
export interface Item {
  readonly resource: Plain;
  readonly scope: Plain;
  readonly content: { readonly [key: string]: Plain };
}

type Json = Readonly<Record<string, unknown>>;

/** Where the items of each signal are: names of the nested lists in OTLP/JSON. */
const NESTING = [
  ['resourceLogs', 'scopeLogs', 'logRecords'],
  ['resourceSpans', 'scopeSpans', 'spans'],
  ['resourceMetrics', 'scopeMetrics', 'metrics'],
] as const;

const POINTS = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

/** Fields of 64 bits, which OTLP/JSON writes as strings. */
const INTEGERS = /UnixNano$|^(?:asInt|count|zeroCount|bucketCounts)$/;

/** The items of an OTLP/JSON request of any signal. */
export function itemsOf(request: unknown): Item[] {
  const items: Item[] = [];
  for (const [outer, middle, inner] of NESTING) {
    for (const group of list((request as Json)[outer])) {
      const resource = plain({ resource: group['resource'] ?? {}, schemaUrl: group['schemaUrl'] });
      for (const scoped of list(group[middle])) {
        const scope = plain({ scope: scoped['scope'] ?? {}, schemaUrl: scoped['schemaUrl'] });
        for (const content of list(scoped[inner])) {
          for (const each of inner === 'metrics' ? pointsOf(content) : [content]) {
            items.push({ resource, scope, content: plain(each) as Item['content'] });
          }
        }
      }
    }
  }
  return items;
}

/** The items of a file of OTLP/JSON lines. */
export function itemsOfLines(text: string): Item[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => itemsOf(JSON.parse(line)));
}

/** Items in an order that depends on nothing but themselves. */
export function inOrder(items: readonly Item[]): readonly Item[] {
  const keyed = items.map((item) => ({ item, key: JSON.stringify(item, bigintText) }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
}

/** Every metric of one data point each. */
function pointsOf(metric: Json): Json[] {
  const kind = POINTS.find((name) => metric[name] !== undefined);
  if (kind === undefined) return [metric];
  const { dataPoints, ...rest } = metric[kind] as Json;
  return list(dataPoints).map((point) => ({ ...metric, [kind]: { ...rest, point } }));
}

function list(value: unknown): readonly Json[] {
  return (value ?? []) as readonly Json[];
}

/** The plain form of a part of an OTLP/JSON message. */
function plain(value: unknown, key = ''): Plain {
  if (key === 'attributes') return attributes(value);
  if (key === 'body') return anyValue(value);
  if (Array.isArray(value)) return value.map((each) => plain(each, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, each]) => [name, each === undefined ? null : plain(each, name)] as const)
        .filter(([, each]) => !isDefault(each)),
    );
  }
  if (INTEGERS.test(key)) return BigInt(value as string | number);
  return value as string | number | boolean | null;
}

function isDefault(value: Plain): boolean {
  if (value === null || value === '' || value === 0 || value === 0n || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function attributes(pairs: unknown): Plain {
  const entries = list(pairs).map(({ key, value }) => [String(key), anyValue(value)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function anyValue(value: unknown): Plain {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue, arrayValue, kvlistValue } = (value ?? {}) as Json;
  if (stringValue !== undefined) return stringValue as string;
  if (boolValue !== undefined) return boolValue as boolean;
  if (intValue !== undefined) return BigInt(intValue as string | number);
  if (doubleValue !== undefined) return Number(doubleValue);
  if (bytesValue !== undefined) return { bytes: bytesValue as string };
  if (arrayValue !== undefined) return list((arrayValue as Json)['values']).map(anyValue);
  if (kvlistValue !== undefined) return attributes((kvlistValue as Json)['values']);
  return null;
}

function bigintText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
