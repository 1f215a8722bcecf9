import type { Time } from '../../value/time.ts';
import { dateOf, type CivilDate } from './calendar.ts';
import { zoneOffset } from './zone.ts';

/** What clocks and calendars show in the zone of a time. */
export interface ClockTime extends CivilDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** From 0, Sunday. */
  readonly weekday: number;
  /** Seconds ahead of UTC. */
  readonly offset: number;
}

export const SECOND_NANOS = 1_000_000_000n;

export function clockTimeOf({ unixNanos, zone }: Time): ClockTime {
  const seconds = floorDivide(unixNanos, SECOND_NANOS);
  const unixSeconds = Number(seconds);
  const offset = zoneOffset(zone, unixSeconds);
  const local = unixSeconds + offset;
  const days = Math.floor(local / 86_400);
  const rest = local - days * 86_400;
  return {
    ...dateOf(days),
    hour: Math.floor(rest / 3600),
    minute: Math.floor((rest % 3600) / 60),
    second: rest % 60,
    nanosecond: Number(unixNanos - seconds * SECOND_NANOS),
    weekday: (((days + 4) % 7) + 7) % 7,
    offset,
  };
}

/** Towards minus infinity. */
export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
