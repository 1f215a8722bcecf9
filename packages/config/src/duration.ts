const NANOSECONDS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
/** Go holds a duration in a 64-bit count of nanoseconds. */
const NANOSECONDS_MAX = 2 ** 63;

/**
 * Milliseconds of a duration as Go's `time.ParseDuration` reads it: `1h30m`, `-1.5s`, `100us`, `0`. Undefined for
 * anything else; a number needs its unit.
 */
export function parseDuration(text: string): number | undefined {
  const signed = /^([-+]?)(.+)$/s.exec(text);
  if (signed === null) return undefined;
  const [, sign, body] = signed;
  if (body === '0') return 0;
  const part = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/y;
  let nanoseconds = 0;
  while (part.lastIndex < body.length) {
    const match = part.exec(body);
    if (match === null) return undefined;
    const [, whole, fraction = '', unit] = match;
    if (whole === '' && fraction === '') return undefined;
    nanoseconds +=
      Number(`${whole === '' ? '0' : whole}.${fraction === '' ? '0' : fraction}`) * NANOSECONDS_PER_UNIT[unit];
  }
  if (nanoseconds >= NANOSECONDS_MAX) return undefined;
  return (sign === '-' ? -nanoseconds : nanoseconds) / 1e6;
}

/** Text that `parseDuration` reads back, in the largest units that come out whole: `1h30m`, `1.5s`, `250ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  if (milliseconds < 0) return `-${formatDuration(-milliseconds)}`;
  if (milliseconds < 1) {
    const micros = milliseconds * 1e3;
    return micros < 1 ? `${plainNumber(micros * 1e3)}ns` : `${plainNumber(micros)}us`;
  }
  if (milliseconds < 1000) return `${plainNumber(milliseconds)}ms`;
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor((milliseconds % 3_600_000) / 60_000);
  const seconds = (milliseconds % 60_000) / 1000;
  const parts = [hours > 0 ? `${hours}h` : '', minutes > 0 ? `${minutes}m` : ''];
  if (seconds > 0) parts.push(`${plainNumber(seconds)}s`);
  return parts.join('');
}

/** At most nanoseconds' digits, never an exponent. */
function plainNumber(value: number): string {
  return value.toFixed(9).replace(/\.?0+$/, '');
}
