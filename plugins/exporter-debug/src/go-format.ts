/** `%f`: six decimals, whatever the size. */
export function fixed(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  // From here on JavaScript would switch to an exponent; such numbers have no decimals.
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.000000`;
  return Object.is(value, -0) ? '-0.000000' : value.toFixed(6);
}

/** `%v` of a float64: the shortest text, with an exponent of two digits below 1e-4 and from 1e21 on. */
export function shortest(value: number): string {
  if (!Number.isFinite(value)) return special(value);
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return String(value);
}

/** A time as Go's `time.Time` prints itself, in UTC, with as many digits as it has. */
export function timeText(unixNano: bigint): string {
  const seconds = unixNano / NANOS;
  const nanos = String(unixNano % NANOS)
    .padStart(9, '0')
    .replace(/0+$/, '');
  if (seconds > LAST_SECOND) return `${unixNano} ns after 1970`;
  const [day, time] = new Date(Number(seconds) * 1000).toISOString().slice(0, 19).split('T');
  return `${day} ${time}${nanos === '' ? '' : `.${nanos}`} +0000 UTC`;
}

function special(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

const NANOS = 1_000_000_000n;
/** Years of four digits end here. */
const LAST_SECOND = 253_402_300_799n;
