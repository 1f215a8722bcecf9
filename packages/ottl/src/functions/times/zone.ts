import { dateOf, daysOf } from './calendar.ts';

/* Time zones by the names that Time has: IANA names, 'UTC', and offsets such as '+02:00'. */

const OFFSET = /^([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/;
/** Names of three letters that the IANA database has; Intl takes more, with other meanings than they have in logs. */
const SHORT_NAMES = new Set([
  'UTC',
  'GMT',
  'UCT',
  'EST',
  'MST',
  'HST',
  'CET',
  'EET',
  'MET',
  'WET',
  'PRC',
  'ROC',
  'ROK',
]);
const DAY_SECONDS = 86_400;
/** All transitions happen at a multiple of this many seconds. */
const STEP_SECONDS = 900;
const ZONES_MAX = 1000;
/** Of each zone, how many steps are kept: ten days. */
const STEPS_MAX = 960;

/** Whether there is such an IANA time zone. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name) || (/^[A-Z]{3}$/.test(name) && !SHORT_NAMES.has(name))) return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Seconds that clocks in the zone are ahead of UTC. */
export function zoneOffset(zone: string, unixSeconds: number): number {
  if (zone === 'UTC') return 0;
  const fixed = OFFSET.exec(zone);
  if (fixed === null) return clockOf(zone).offset(unixSeconds);
  const seconds = Number(fixed[2]) * 3600 + Number(fixed[3]) * 60 + Number(fixed[4] ?? 0);
  return fixed[1] === '-' ? -seconds : seconds;
}

/** The zone of a fixed offset. */
export function fixedZone(offset: number): string {
  return offset === 0 ? 'UTC' : formatOffset(offset, { separator: ':', withSeconds: offset % 60 !== 0 });
}

export function formatOffset(
  offset: number,
  how: { readonly separator: string; readonly withSeconds: boolean },
): string {
  const size = Math.abs(offset);
  const parts = [Math.floor(size / 3600), Math.floor((size % 3600) / 60), ...(how.withSeconds ? [size % 60] : [])];
  return (offset < 0 ? '-' : '+') + parts.map((part) => String(part).padStart(2, '0')).join(how.separator);
}

/** When clocks in the zone show this. In the hour that is left out in spring it is an hour earlier, as in Go. */
export function unixOfLocal(zone: string, localSeconds: number): number {
  const guess = localSeconds - zoneOffset(zone, localSeconds);
  return localSeconds - zoneOffset(zone, guess);
}

/** "CEST"; for zones whose names nobody uses, as Go shows them: "+03". */
export function zoneAbbreviation(zone: string, unixSeconds: number): string {
  if (zone === 'UTC') return 'UTC';
  const offset = zoneOffset(zone, unixSeconds);
  if (!OFFSET.test(zone)) {
    const name = clockOf(zone).abbreviation(unixSeconds);
    if (name !== undefined) return name;
  }
  const text = formatOffset(offset, { separator: '', withSeconds: false });
  return OFFSET.test(zone) || offset % 3600 !== 0 ? text : text.slice(0, 3);
}

/** The offset that an abbreviation means in a zone; undefined when it is not in use there in this year. */
export function offsetOfAbbreviation(zone: string, abbreviation: string, unixSeconds: number): number | undefined {
  const { year } = dateOf(Math.floor(unixSeconds / DAY_SECONDS));
  const times = [1, 7].map((month) => daysOf({ year, month, day: 1 }) * DAY_SECONDS);
  if (zone === abbreviation) return Math.min(...times.map((time) => zoneOffset(zone, time)));
  const found = times.find((time) => zoneAbbreviation(zone, time) === abbreviation);
  return found === undefined ? undefined : zoneOffset(zone, found);
}

const clocks = new Map<string, ZoneClock>();

function clockOf(zone: string): ZoneClock {
  let clock = clocks.get(zone);
  if (clock !== undefined) return clock;
  if (clocks.size >= ZONES_MAX) clocks.clear();
  clock = new ZoneClock(zone);
  clocks.set(zone, clock);
  return clock;
}

/** Each of these knows the abbreviations of its own country's zones. */
const ENGLISH = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-NZ', 'en-ZA'];

/** Reads a zone's offsets from Intl, and keeps some: times that come together are mostly close together. */
class ZoneClock {
  private readonly zone: string;
  private readonly format: Intl.DateTimeFormat;
  private readonly offsets = new Map<number, number>();

  constructor(zone: string) {
    this.zone = zone;
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  offset(unixSeconds: number): number {
    const step = Math.floor(unixSeconds / STEP_SECONDS);
    let offset = this.offsets.get(step);
    if (offset !== undefined) return offset;
    if (this.offsets.size >= STEPS_MAX) this.offsets.clear();
    offset = this.read(step * STEP_SECONDS);
    this.offsets.set(step, offset);
    return offset;
  }

  private read(unixSeconds: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.format.formatToParts(unixSeconds * 1000)) parts[type] = value;
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
    const days = daysOf({ year, month: Number(parts.month), day: Number(parts.day) });
    const local = days * DAY_SECONDS + Number(parts.hour) * 3600 + Number(parts.minute) * 60 + Number(parts.second);
    return local - unixSeconds;
  }

  abbreviation(unixSeconds: number): string | undefined {
    for (const locale of ENGLISH) {
      const parts = new Intl.DateTimeFormat(locale, { timeZone: this.zone, timeZoneName: 'short' });
      const name = parts.formatToParts(unixSeconds * 1000).find((part) => part.type === 'timeZoneName')?.value;
      if (name !== undefined && !/^(?:GMT|UTC)[+-]/.test(name)) return name;
    }
    return undefined;
  }
}
