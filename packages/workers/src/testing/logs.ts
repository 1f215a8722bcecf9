import { ByteWriter, countItems, LogsBatch } from '@millrace/otlp';

/** A request with one resource, one scope and a record for each body. */
export function logs(bodies: readonly string[], service = 'shop'): Uint8Array {
  const out = new ByteWriter();
  const resourceLogs = out.openField(1);
  const resource = out.openField(1);
  attribute(out, 1, 'service.name', service);
  out.close(resource);
  const scopeLogs = out.openField(2);
  for (const body of bodies) {
    const record = out.openField(2);
    out.fixed64Field(1, 1_700_000_000_000_000_000n);
    const value = out.openField(5);
    out.stringField(1, body);
    out.close(value);
    attribute(out, 6, 'length', String(body.length));
    out.close(record);
  }
  out.close(scopeLogs);
  out.close(resourceLogs);
  return out.take().slice();
}

function attribute(out: ByteWriter, field: number, key: string, text: string): void {
  const entry = out.openField(field);
  out.stringField(1, key);
  const value = out.openField(2);
  out.stringField(1, text);
  out.close(value);
  out.close(entry);
}

/** The bodies in requests, in order. */
export function bodiesOf(chunks: readonly Uint8Array[]): string[] {
  const bodies: string[] = [];
  for (const record of LogsBatch.of(chunks).records)
    bodies.push(typeof record.body === 'string' ? record.body : 'not a string');
  return bodies;
}

/** One attribute of each record in requests, in order. */
export function attributesOf(chunks: readonly Uint8Array[], key: string): unknown[] {
  const values: unknown[] = [];
  for (const record of LogsBatch.of(chunks).records) values.push(record.attributes.get(key));
  return values;
}

export function itemsOf(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + countItems('logs', chunk), 0);
}
