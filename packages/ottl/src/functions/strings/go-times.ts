import type { Time } from '../../value/time.ts';

const NANOS_PER_SECOND = 1_000_000_000n;

/** Go's Duration.String: "1h2m3.5s", "1.5ms", "0s". */
export function goDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`;
  if (size < NANOS_PER_SECOND) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const minutes = size / (60n * NANOS_PER_SECOND);
  const seconds = `${decimal(size % (60n * NANOS_PER_SECOND), NANOS_PER_SECOND)}s`;
  if (minutes === 0n) return sign + seconds;
  return minutes < 60n ? `${sign}${minutes}m${seconds}` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return `${value / unit}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Go's Time.String, in UTC: "2023-11-14 22:13:20.5 +0000 UTC". */
export function goTime({ unixNanos }: Time): string {
  const nanos = ((unixNanos % NANOS_PER_SECOND) + NANOS_PER_SECOND) % NANOS_PER_SECOND;
  const seconds = (unixNanos - nanos) / NANOS_PER_SECOND;
  const fraction = nanos.toString().padStart(9, '0').replace(/0+$/, '');
  const day = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${day}${fraction === '' ? '' : `.${fraction}`} +0000 UTC`;
}
