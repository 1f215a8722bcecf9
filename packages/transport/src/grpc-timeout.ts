const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 };

/** Longest delay that Node's timers keep. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

/** Milliseconds of a `grpc-timeout` header (gRPC over HTTP/2, "Timeout"); undefined when it is malformed. */
export function parseTimeout(text: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * UNIT_MS[match[2]];
}

/** A `grpc-timeout` for at least `timeoutMs`, in the finest unit that holds it. */
export function formatTimeout(timeoutMs: number): string {
  if (timeoutMs <= 0) return '0m';
  for (const unit of ['u', 'm', 'S', 'M'] as const) {
    const amount = Math.ceil(timeoutMs / UNIT_MS[unit]);
    if (amount < 1e8) return `${amount}${unit}`;
  }
  return `${Math.min(99_999_999, Math.ceil(timeoutMs / UNIT_MS['H']))}H`;
}
