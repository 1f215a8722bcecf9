import type { LoadSignal } from './load-requests.ts';
import type { LoadRun } from './load-run.ts';

/** What a counting sink has of a run, beside what was acknowledged. */
export interface Verification {
  /** Different items that arrived. */
  readonly arrived: number;
  /** Items that were acknowledged and did not arrive. */
  readonly lost: number;
  /** Arrivals of items that had arrived before. */
  readonly duplicated: number;
  /** Items that arrived although their request was not acknowledged. */
  readonly unacknowledged: number;
}

/** What became of a load; `millrace generate -o json` prints it. Counts are items: log records, spans or data points. */
export interface LoadReport {
  readonly signal: LoadSignal;
  /** `open`: requests had times of their own; `closed`: each was due when a connection was free. */
  readonly loop: 'open' | 'closed';
  readonly seconds: number;
  readonly requests: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly refused: { readonly permanent: number; readonly retryable: number };
  /** Their requests had no answer. */
  readonly failed: number;
  /** Were due and never sent. */
  readonly unsent: number;
  /** Requests that were sent again. */
  readonly retries: number;
  readonly itemsPerSecond: number;
  /** Before compression, with an item's share of its request. */
  readonly bytesPerItem: number;
  /** Of requests, from when they were due to their last answer. */
  readonly latencyMs: Readonly<Record<'mean' | 'p50' | 'p90' | 'p99' | 'p999' | 'max', number>>;
  /** Why requests were refused or failed, the first few, with how often. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Absent without a counting sink. */
  readonly verified?: Verification;
}

export function reportOf(
  run: LoadRun,
  settings: { readonly signal: LoadSignal; readonly isOpen: boolean; readonly verified: Verification | undefined },
): LoadReport {
  const { counts, latencies } = run;
  const seconds = run.elapsedMs / 1_000;
  return {
    signal: settings.signal,
    loop: settings.isOpen ? 'open' : 'closed',
    seconds: rounded(seconds),
    requests: counts.requests,
    sent: counts.sent,
    acknowledged: counts.acknowledged,
    refused: { permanent: counts.refusedPermanent, retryable: counts.refusedRetryable },
    failed: counts.failed,
    unsent: counts.unsent,
    retries: counts.retries,
    itemsPerSecond: Math.round(counts.acknowledged / seconds),
    bytesPerItem: Math.round(counts.bytes / Math.max(1, counts.sent)),
    latencyMs: {
      mean: rounded(latencies.meanMs),
      p50: rounded(latencies.percentileMs(0.5)),
      p90: rounded(latencies.percentileMs(0.9)),
      p99: rounded(latencies.percentileMs(0.99)),
      p999: rounded(latencies.percentileMs(0.999)),
      max: rounded(latencies.maxMs),
    },
    reasons: Object.fromEntries(run.reasons),
    ...(settings.verified === undefined ? {} : { verified: settings.verified }),
  };
}

/** Whether everything that was due was acknowledged, and arrived. */
export function isFlawless({ sent, acknowledged, unsent, verified }: LoadReport): boolean {
  return acknowledged === sent && unsent === 0 && (verified?.lost ?? 0) === 0;
}

/** The same for people, a line each. */
export function reportText(report: LoadReport): string {
  const { latencyMs, refused, verified } = report;
  const number = (value: number) => value.toLocaleString('en');
  const ms = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ms`;
  const rows: [string, string][] = [
    [
      'sent',
      `${number(report.sent)} ${ITEMS[report.signal]} in ${number(report.requests)} request${report.requests === 1 ? '' : 's'}, ${report.seconds.toFixed(1)} s`,
    ],
    [
      'acknowledged',
      `${number(report.acknowledged)} (${number(report.itemsPerSecond)}/s, ${number(report.bytesPerItem)} bytes each)`,
    ],
    ['refused', `${number(refused.permanent)} for good, ${number(refused.retryable)} for now`],
    ['failed', `${number(report.failed)} without an answer`],
  ];
  if (report.retries > 0) rows.push(['sent again', `${number(report.retries)} requests`]);
  if (report.unsent > 0) rows.push(['not sent', `${number(report.unsent)} that were due`]);
  if (verified !== undefined) rows.push(['arrived', number(verified.arrived)], ['lost', number(verified.lost)]);
  if (verified !== undefined) rows.push(['duplicated', number(verified.duplicated)]);
  if ((verified?.unacknowledged ?? 0) > 0) rows.push(['arrived unacknowledged', number(verified?.unacknowledged ?? 0)]);
  const from = report.loop === 'open' ? 'from when a request was due' : 'from when a request was sent';
  const { p50, p90, p99, p999, max } = latencyMs;
  rows.push(['latency', `p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}, max ${ms(max)} (${from})`]);
  for (const [reason, times] of Object.entries(report.reasons))
    rows.push([times === 1 ? 'once' : `${number(times)} times`, reason]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join('');
}

const ITEMS: Readonly<Record<LoadSignal, string>> = { logs: 'log records', traces: 'spans', metrics: 'data points' };

/** Microseconds are as much as can be told. */
function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
