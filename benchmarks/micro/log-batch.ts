import { encode, type Plain } from '../../packages/otlp/src/testing/oracle.ts';

/** Records of {@link request}. */
export const RECORDS = 1000;
const ROUTES = ['/api/cart', '/api/checkout', '/api/products/{id}', '/healthz'];

const text = (key: string, value: string): Plain => ({ key, value: { stringValue: value } });
const whole = (key: string, value: number): Plain => ({ key, value: { intValue: BigInt(value) } });

function logRecord(i: number): Plain {
  return {
    timeUnixNano: 1_760_000_000_000_000_000n + BigInt(i) * 1_000_003n,
    severityNumber: i % 50 === 0 ? 17 : 9,
    body: { stringValue: `request ${i} for tenant-${i % 17} completed` },
    attributes: [
      text('http.request.method', i % 3 === 0 ? 'POST' : 'GET'),
      text('http.route', ROUTES[i % ROUTES.length]),
      whole('http.response.status_code', i % 50 === 0 ? 500 : 200),
      whole('http.server.duration_us', 800 + ((i * 7919) % 90_000)),
      text('user.id', `user-${(i * 104_729) % 100_000}`),
      text('session.id', `5f0c${((i * 2_654_435_761) % 4_294_967_296).toString(16).padStart(8, '0')}`),
      text('net.peer.ip', `10.${i % 256}.${(i * 7) % 256}.${(i * 13) % 256}`),
      { key: 'cache.hit', value: { boolValue: i % 2 === 0 } },
    ],
  };
}

/** One request of logs, 8 attributes a record. */
export const request = encode('logs', {
  resourceLogs: [
    {
      resource: { attributes: [text('service.name', 'checkout')] },
      scopeLogs: [{ scope: {}, logRecords: Array.from({ length: RECORDS }, (_, i) => logRecord(i)) }],
    },
  ],
});
