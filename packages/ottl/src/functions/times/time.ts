import { defineFunction } from '../../function/define-function.ts';
import { constantGetter, derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { Time } from '../../value/time.ts';
import { LAYOUT_DETAILS, parseCtimeLayout } from './ctime-layout.ts';
import { ENGLISH_NAMES, nameTable } from './name-table.ts';
import { parseLayout } from './parse-layout.ts';
import { hasYear, resolveTime } from './resolve-time.ts';
import { isZone } from './zone.ts';

export const time = defineFunction({
  name: 'Time',
  kind: 'converter',
  summary: 'Reads a time from a string.',
  details:
    `${LAYOUT_DETAILS} Other text stands for itself. \`location\` is the IANA time zone of times that do not say theirs, and ` +
    '`locale` the language of names. A time without a year is of this year, or of the last when it would be more than a week ahead.',
  deviation:
    'Without a location a time is of UTC, not of the zone of the machine. Names in other languages are those of Intl, and ' +
    'abbreviations of zones those that English speakers use: others are of the zone only when they are names of the IANA database.',
  params: {
    time: p.string,
    format: p.string,
    location: p.optional(p.string, constantGetter('')),
    locale: p.optional(p.string, constantGetter('')),
  },
  returns: 'time',
  pure: false,
  examples: [
    { code: 'Time("02/04/2023", "%m/%d/%Y")', result: new Time(1_675_468_800_000_000_000n) },
    { code: 'UnixSeconds(Time("2023-05-26 12:34:56", "%Y-%m-%d %H:%M:%S", "America/New_York"))', result: 1685118896n },
    { code: 'UnixMilli(Time("2023-05-26T12:34:56.5+0200", "%FT%T.%L%z"))', result: 1685097296500n },
    { code: 'UnixSeconds(Time("mercoledì set 4 2024", "%A %h %e %Y", "", "it"))', result: 1725408000n },
    { code: 'Time("Jan 05 12:04:05", "%b %d %T")', result: new Time(1_672_920_245_000_000_000n) },
    { code: 'Time("2023-13-01", "%Y-%m-%d")', fails: 'month out of range' },
    { code: 'Time("2023", "%Q")', invalid: '%Q in the format of a time is no directive' },
    { code: 'Time("2023", "%Y", "Nowhere/City")', invalid: 'there is no time zone Nowhere/City' },
    { code: 'Time("2023", "%Y", "", "xx")', invalid: 'there is no locale xx' },
    { code: 'Time(attributes["missing"], "%Y")', fails: 'expected string but got nil' },
  ],
  make: ({ time, format, location, locale }, { now }) => {
    const layoutOf = derived(format, parseCtimeLayout);
    const zoneOf = derived(location, zoneNamed);
    const namesOf = derived(locale, (tag) => (tag === '' ? ENGLISH_NAMES : nameTable(tag)));
    let read: Time | undefined;
    const isConstant = [time, format, location, locale].every((each) => each.constant !== undefined);
    return (frame) => {
      if (read !== undefined) return read;
      const text = time(frame);
      if (text === '') throw new OttlRuntimeError('there is no time in an empty string');
      const layout = layoutOf(frame);
      const parsed = resolveTime(parseLayout(layout, text, namesOf(frame)), { layout, zone: zoneOf(frame), now });
      if (isConstant && hasYear(layout)) read = parsed;
      return parsed;
    };
  },
});

function zoneNamed(name: string): string {
  if (name === '') return 'UTC';
  if (!isZone(name)) throw new OttlRuntimeError(`there is no time zone ${name}`);
  return name;
}
