import { OttlRuntimeError } from '../../ottl-error.ts';
import { Duration } from '../../value/time.ts';

const UNIT_NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  // The micro sign and the Greek letter mu.
  '\u00b5s': 1000n,
  '\u03bcs': 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const PART = /(?:(\d+)(?:\.(\d*))?|\.(\d+))(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;

/** Go's time.ParseDuration: "1h30m", "-1.5s", "0". Throws OttlRuntimeError. */
export function parseDuration(text: string): Duration {
  const sign = /^[+-]/.exec(text)?.[0] ?? '';
  if (text.slice(sign.length) === '0') return new Duration(0n);
  let nanos = 0n;
  let at = sign.length;
  do {
    PART.lastIndex = at;
    const part = PART.exec(text);
    if (part === null) return fail(text);
    const unit = UNIT_NANOS[part[4]];
    const fraction = part[2] ?? part[3] ?? '';
    nanos += BigInt(part[1] ?? 0) * unit + (BigInt(fraction || 0) * unit) / 10n ** BigInt(fraction.length);
    at = PART.lastIndex;
  } while (at < text.length);
  const signed = sign === '-' ? -nanos : nanos;
  if (BigInt.asIntN(64, signed) !== signed) fail(text);
  return new Duration(signed);
}

function fail(text: string): never {
  throw new OttlRuntimeError(`${JSON.stringify(text.slice(0, 60))} is no duration: write it like "1h30m" or "1.5s"`);
}
