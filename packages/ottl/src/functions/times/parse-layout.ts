import { OttlRuntimeError } from '../../ottl-error.ts';
import type { Layout } from './go-layout.ts';
import type { NameTable } from './name-table.ts';
import { daysInMonth } from './calendar.ts';

/** What was read of a time. What the layout does not have is 1 for month and day, and 0 for all else. */
export interface ParsedTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  /** Seconds ahead of UTC, where the text says so. */
  offset: number | undefined;
  /** The abbreviation of a zone; '' where there is none. */
  zone: string;
}

/** Reads a time as Go's time.Parse does. Throws OttlRuntimeError. */
export function parseLayout(layout: Layout, text: string, names: NameTable): ParsedTime {
  const reader = new LayoutReader(text, names);
  for (const [i, { kind, text: element }] of layout.entries()) {
    if (kind === 'text') reader.skip(element);
    else if (kind === 'fraction') reader.fraction(element);
    else reader.element(element, layout[i + 1]?.kind === 'fraction');
  }
  return reader.finish();
}

class LayoutReader {
  private readonly text: string;
  private readonly names: NameTable;
  private at = 0;
  private isAfternoon: boolean | undefined;
  private readonly time: ParsedTime = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    offset: undefined,
    zone: '',
  };

  constructor(text: string, names: NameTable) {
    this.text = text;
    this.names = names;
  }

  /** A run of spaces in the layout stands for any run of spaces. */
  skip(expected: string): void {
    for (let i = 0; i < expected.length; i++) {
      if (expected[i] === ' ') {
        if (this.at < this.text.length && this.text[this.at] !== ' ') this.fail(expected);
        while (expected[i + 1] === ' ') i++;
        while (this.text[this.at] === ' ') this.at++;
      } else if (this.text[this.at++] !== expected[i]) {
        this.at--;
        this.fail(expected);
      }
    }
  }

  /** ".999" may be absent; ".000" must be there with as many digits. */
  fraction(element: string): void {
    const isFixed = element[1] === '0';
    const pattern = isFixed ? new RegExp(`[.,](\\d{${element.length - 1}})`, 'y') : /[.,](\d{1,9})/y;
    const digits = this.match(pattern);
    if (digits === undefined && isFixed) this.fail(element);
    if (digits !== undefined) this.time.nanosecond = nanosOf(digits);
  }

  element(element: string, isBeforeFraction: boolean): void {
    const { time } = this;
    switch (element) {
      case '2006':
        time.year = this.number(/(\d{4})/y, element);
        return;
      case '06':
        time.year = this.number(/(\d{2})/y, element);
        time.year += time.year >= 69 ? 1900 : 2000;
        return;
      case 'January':
      case 'Jan':
        time.month = this.name(this.names[element], element) + 1;
        return;
      case 'Monday':
      case 'Mon':
        this.name(this.names[element], element);
        return;
      case '01':
        time.month = this.inRange(this.number(/(\d{2})/y, element), 1, 12, 'month');
        return;
      case '_1':
      case '1':
        time.month = this.inRange(
          this.number(element === '1' ? /(\d{1,2})/y : / ?(\d{1,2})/y, element),
          1,
          12,
          'month',
        );
        return;
      case '02':
        time.day = this.number(/(\d{2})/y, element);
        return;
      case '_2':
      case '2':
        time.day = this.number(element === '2' ? /(\d{1,2})/y : / ?(\d{1,2})/y, element);
        return;
      case '05':
      case '5':
        time.second = this.inRange(this.number(element === '5' ? /(\d{1,2})/y : /(\d{2})/y, element), 0, 59, 'second');
        // A fraction behind the seconds counts even where the layout has none.
        if (!isBeforeFraction) this.fraction('.9');
        return;
      default:
        this.elementOfDay(element);
    }
  }

  private elementOfDay(element: string): void {
    const { time } = this;
    switch (element) {
      case '15':
        time.hour = this.inRange(this.number(/(\d{1,2})/y, element), 0, 23, 'hour');
        return;
      case '03':
      case '3':
        time.hour = this.inRange(this.number(element === '3' ? /(\d{1,2})/y : /(\d{2})/y, element), 0, 12, 'hour');
        return;
      case '04':
      case '4':
        time.minute = this.inRange(this.number(element === '4' ? /(\d{1,2})/y : /(\d{2})/y, element), 0, 59, 'minute');
        return;
      case 'PM':
      case 'pm':
        this.isAfternoon = this.dayPeriod(element) === 1;
        return;
      case 'MST':
        this.zone();
        return;
      default:
        this.offset(element);
    }
  }

  finish(): ParsedTime {
    const { time, text } = this;
    if (this.at < text.length) this.fail('its end');
    if (time.day < 1 || time.day > daysInMonth(time.year, time.month)) this.failRange('day');
    if (this.isAfternoon === true && time.hour < 12) time.hour += 12;
    if (this.isAfternoon === false && time.hour === 12) time.hour = 0;
    return time;
  }

  private dayPeriod(element: 'PM' | 'pm'): number {
    const { dayPeriods } = this.names;
    if (dayPeriods !== null) return this.name(dayPeriods, element);
    const period = this.match(element === 'PM' ? /(AM|PM)/y : /(am|pm)/y) ?? this.fail(element);
    return period.toLowerCase() === 'pm' ? 1 : 0;
  }

  private zone(): void {
    // Three letters, or four or five that end in T, or a sign and hours; GMT may have an offset.
    const pattern =
      /(UTC|ChST|MeST|GMT(?:[+-](?:2[0-3]|[01]?\d))?|[+-](?:2[0-3]|[01]?\d)|WITA(?![A-Z])|[A-Z]{3,4}T(?![A-Z])|[A-Z]{3}(?![A-Z]))/y;
    this.time.zone = this.match(pattern) ?? this.fail('MST');
  }

  private offset(element: string): void {
    if (element.startsWith('Z') && this.text[this.at] === 'Z') {
      this.at++;
      this.time.offset = 0;
      return;
    }
    const digits = element.replace(/\D/g, '').length;
    const between = element.includes(':') ? ':' : '';
    const pattern = new RegExp(`([+-]\\d{2}${`${between}\\d{2}`.repeat(digits / 2 - 1)})`, 'y');
    const text = (this.match(pattern) ?? this.fail(element)).replaceAll(':', '');
    const [hours, minutes, seconds] = [1, 3, 5].map((at) => Number(text.slice(at, at + 2)));
    this.inRange(hours, 0, 24, 'offset');
    this.inRange(minutes, 0, 60, 'offset');
    const size = hours * 3600 + minutes * 60 + seconds;
    this.time.offset = text.startsWith('-') ? -size : size;
  }

  /** Which of the names comes here: the longest that does. */
  private name(names: readonly (readonly string[])[], element: string): number {
    let found = -1;
    let length = 0;
    for (const [i, forms] of names.entries()) {
      for (const form of forms) {
        if (form.length <= length || this.text.slice(this.at, this.at + form.length).toLowerCase() !== form) continue;
        found = i;
        length = form.length;
      }
    }
    if (found < 0) this.fail(element);
    this.at += length;
    return found;
  }

  private number(pattern: RegExp, element: string): number {
    return Number(this.match(pattern) ?? this.fail(element));
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return undefined;
    this.at += match[0].length;
    return match[1];
  }

  private inRange(value: number, min: number, max: number, what: string): number {
    return value >= min && value <= max ? value : this.failRange(what);
  }

  private failRange(what: string): never {
    throw new OttlRuntimeError(`cannot parse the time ${this.shown(0)}: ${what} out of range`);
  }

  private fail(expected: string): never {
    const rest = this.at >= this.text.length ? 'its end' : this.shown(this.at);
    throw new OttlRuntimeError(`cannot parse the time ${this.shown(0)}: ${rest} is not ${JSON.stringify(expected)}`);
  }

  private shown(from: number): string {
    return JSON.stringify(this.text.slice(from, from + 60));
  }
}

function nanosOf(digits: string): number {
  return Number(digits.padEnd(9, '0').slice(0, 9));
}
