import { OttlRuntimeError } from '../../ottl-error.ts';
import { Time } from '../../value/time.ts';
import { daysOf } from './calendar.ts';
import { clockTimeOf, SECOND_NANOS } from './clock-time.ts';
import type { Layout } from './go-layout.ts';
import type { ParsedTime } from './parse-layout.ts';
import { fixedZone, isZone, offsetOfAbbreviation, unixOfLocal, zoneOffset } from './zone.ts';

const DATE_ELEMENTS = new Set(['2006', '06', 'January', 'Jan', '01', '_1', '1', '02', '_2', '2', 'Monday', 'Mon']);
const DAY_NANOS = 86_400n * SECOND_NANOS;

/** Whether times of this layout mean the same at any time: whether they say their year. */
export function hasYear(layout: Layout): boolean {
  return layout.some(({ text }) => text === '2006' || text === '06');
}

export interface Surroundings {
  readonly layout: Layout;
  /** For texts without a zone. */
  readonly zone: string;
  /** Nanoseconds since 1970. */
  readonly now: () => bigint;
}

/**
 * The time that was read. One without a date is of the first day of this year; one without a year is of this year, or of the last when it would be
 * more than a week ahead.
 */
export function resolveTime(parsed: ParsedTime, { layout, zone, now }: Surroundings): Time {
  if (parsed.year > 0 || hasYear(layout)) return locate(parsed, zone);
  const nanos = now();
  const today = clockTimeOf(new Time(nanos, zone));
  if (!layout.some(({ kind, text }) => kind === 'element' && DATE_ELEMENTS.has(text)))
    return locate({ ...parsed, year: today.year }, zone);
  const time = locate({ ...parsed, year: today.year }, zone);
  return time.unixNanos > nanos + 7n * DAY_NANOS ? locate({ ...parsed, year: today.year - 1 }, zone) : time;
}

function locate(parsed: ParsedTime, zone: string): Time {
  const local = daysOf(parsed) * 86_400 + parsed.hour * 3600 + parsed.minute * 60 + parsed.second;
  if (parsed.offset !== undefined) return at(local - parsed.offset, parsed, zoneOf(parsed.offset, zone, local));
  if (parsed.zone === 'UTC') return at(local, parsed, 'UTC');
  if (parsed.zone === '') return at(unixOfLocal(zone, local), parsed, zone);
  return inNamedZone(parsed, zone, local);
}

/** The zone around, when it has this offset just then. */
function zoneOf(offset: number, zone: string, local: number): string {
  return zoneOffset(zone, local - offset) === offset ? zone : fixedZone(offset);
}

function inNamedZone(parsed: ParsedTime, zone: string, local: number): Time {
  const offset = offsetOfAbbreviation(zone, parsed.zone, local);
  if (offset !== undefined) return at(local - offset, parsed, zone);
  // As in Go, "GMT+3" says how to show the time, and does not change it.
  const gmt = /^GMT([+-]\d+)$/.exec(parsed.zone);
  if (gmt !== null) return at(local, parsed, fixedZone(Number(gmt[1]) * 3600));
  if (!isZone(parsed.zone)) throw new OttlRuntimeError(`there is no time zone ${parsed.zone}`);
  return at(local - (offsetOfAbbreviation(parsed.zone, parsed.zone, local) ?? 0), parsed, parsed.zone);
}

function at(unixSeconds: number, { nanosecond }: ParsedTime, zone: string): Time {
  return new Time(BigInt(unixSeconds) * SECOND_NANOS + BigInt(nanosecond), zone);
}
