import { expect, test } from 'vitest';
import { type LoadReport, reportText } from './load-report.ts';

const report: LoadReport = {
  signal: 'logs',
  loop: 'open',
  seconds: 0.5,
  requests: 1,
  sent: 100,
  acknowledged: 0,
  refused: { permanent: 0, retryable: 0 },
  failed: 100,
  unsent: 0,
  retries: 0,
  itemsPerSecond: 0,
  bytesPerItem: 303,
  latencyMs: { mean: 1, p50: 1, p90: 1, p99: 1, p999: 1, max: 12 },
  reasons: { 'connection refused': 1, 'no answer': 2 },
};

test('a report for people tells counts, latency and reasons, a line each', () => {
  expect(reportText(report)).toBe(`sent          100 log records in 1 request, 0.5 s
acknowledged  0 (0/s, 303 bytes each)
refused       0 for good, 0 for now
failed        100 without an answer
latency       p50 1.00 ms, p90 1.00 ms, p99 1.00 ms, p99.9 1.00 ms, max 12 ms (from when a request was due)
once          connection refused
2 times       no answer
`);
});
