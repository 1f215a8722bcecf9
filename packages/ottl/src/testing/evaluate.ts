import { compileValue } from '../compile-statements.ts';
import { functionRegistry } from '../function/define-function.ts';
import { STANDARD_FUNCTIONS } from '../functions/standard-functions.ts';
import { Id } from '../value/id.ts';
import { Duration, Time } from '../value/time.ts';
import type { Value } from '../value/value.ts';
import { forEach, makeTelemetry } from './telemetry.ts';

const functions = functionRegistry(STANDARD_FUNCTIONS);
/** 2023-11-14 22:13:20 UTC. */
const NOW_NANOS = 1_700_000_000_000_000_000n;

/** What a value is for a record with attributes of all types. Times, durations and ids are shown as text. Throws as the value does. */
export function evaluate(code: string): Value {
  const batch = makeTelemetry(
    { attributes: { int: 42n, str: 'text', dbl: 1.5, list: [1n], map: new Map([['k', 'v<']]), empty: null } },
    'log',
  );
  const reader = compileValue({
    functions,
    context: 'log',
    value: code,
    now: () => NOW_NANOS,
    randomBytes: (count) => new Uint8Array(count),
  });
  let result: Value = null;
  forEach(batch, 'log', (view) => void (result = reader.get(view)));
  return shown(result);
}

function shown(value: Value): Value {
  if (value instanceof Time) return `${value.unixNanos} ${value.zone}`;
  if (value instanceof Duration) return String(value.nanos);
  return value instanceof Id ? value.hex : value;
}
