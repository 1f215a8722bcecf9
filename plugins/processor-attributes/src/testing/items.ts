import { keyValues, type Attributes } from './values.ts';

type Request = Readonly<Record<string, unknown>>;

/** A request of each signal, with these attributes on a log record, on a span, and on a data point of each type. */
export function itemsWith(attributes: Attributes): Readonly<Record<'logs' | 'traces' | 'metrics', Request>> {
  const item = { attributes: keyValues(attributes) };
  return {
    logs: { resourceLogs: [{ scopeLogs: [{ logRecords: [item] }] }] },
    traces: { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'x', ...item }] }] }] },
    metrics: {
      resourceMetrics: [
        {
          scopeMetrics: [
            {
              metrics: [
                { name: 'a', gauge: { dataPoints: [{ asInt: '1', ...item }] } },
                { name: 'b', sum: { dataPoints: [{ asDouble: 1, ...item }] } },
                { name: 'c', histogram: { dataPoints: [{ count: '1', ...item }] } },
                { name: 'd', exponentialHistogram: { dataPoints: [{ count: '1', ...item }] } },
                { name: 'e', summary: { dataPoints: [{ count: '1', ...item }] } },
              ],
            },
          ],
        },
      ],
    },
  };
}

/** The attributes of every item in a request, wherever the items are. */
export function attributesIn(request: unknown): unknown[] {
  const found: unknown[] = [];
  collect(request, found);
  return found;
}

const ITEMS = new Set(['logRecords', 'spans', 'dataPoints']);

function collect(node: unknown, found: unknown[]): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (!ITEMS.has(key)) collect(value, found);
    else for (const item of value as { attributes?: unknown[] }[]) found.push(item.attributes ?? []);
  }
}
