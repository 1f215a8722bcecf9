/** Log records of about 380 bytes with 8 attributes, different from one another, in the wire form of an SDK. */
import { encode } from '../../packages/otlp/src/testing/oracle.ts';
import { randomFrom } from '../../packages/otlp/src/testing/rewire.ts';

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const ROUTES = ['/api/cart', '/api/checkout/:id', '/api/products/search', '/healthz'];

export function logsCorpus(records: number, kind: 'ascii' | 'unicode'): Uint8Array {
  const random = randomFrom(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const hex = (length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(random() * 256));
  const logRecords = Array.from({ length: records }, (_, i) => ({
    timeUnixNano: 1_700_000_000_000_000_000n + BigInt(i * 1_000_003),
    observedTimeUnixNano: 1_700_000_000_000_000_000n + BigInt(i * 1_000_003 + 512),
    severityNumber: pick([5, 9, 13, 17]),
    severityText: pick(['DEBUG', 'INFO', 'WARN', 'ERROR']),
    body: {
      stringValue:
        kind === 'ascii'
          ? `request ${i} handled in ${Math.floor(random() * 900)} ms with "${pick(['hit', 'miss'])}"`
          : `Anfrage ${i} für „Größe“ 処理時間 ${Math.floor(random() * 900)} ms ✓`,
    },
    attributes: [
      { key: 'http.request.method', value: { stringValue: pick(METHODS) } },
      { key: 'http.route', value: { stringValue: pick(ROUTES) } },
      { key: 'http.response.status_code', value: { intValue: BigInt(pick([200, 201, 404, 500])) } },
      { key: 'user.id', value: { stringValue: `user-${Math.floor(random() * 100_000)}` } },
      { key: 'duration_ms', value: { doubleValue: random() * 1000 } },
      { key: 'cache.hit', value: { boolValue: random() < 0.5 } },
      { key: 'url.path', value: { stringValue: `/shop/${Math.floor(random() * 1000)}/item` } },
      { key: 'thread.name', value: { stringValue: `worker-${i % 16}` } },
    ],
    flags: 1,
    traceId: hex(16),
    spanId: hex(8),
  }));
  const attributes = [
    { key: 'service.name', value: { stringValue: 'shop' } },
    { key: 'host.name', value: { stringValue: 'node-17' } },
  ];
  const scopeLogs = [{ scope: { name: 'http', version: '1.2.3' }, logRecords }];
  return encode('logs', { resourceLogs: [{ resource: { attributes }, scopeLogs }] });
}

/** Log records with nothing but a body. */
export function textsCorpus(records: number, text: string): Uint8Array {
  const logRecords = Array.from({ length: records }, () => ({ body: { stringValue: text } }));
  return encode('logs', { resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
}
