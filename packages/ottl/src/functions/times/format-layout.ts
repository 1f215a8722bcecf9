import type { Time } from '../../value/time.ts';
import { clockTimeOf, type ClockTime } from './clock-time.ts';
import { MONTHS, WEEKDAYS } from './english-names.ts';
import type { Layout } from './go-layout.ts';
import { formatOffset, zoneAbbreviation } from './zone.ts';

/** Writes a time in a layout, in its zone. */
export function formatLayout(layout: Layout, time: Time): string {
  const clock = clockTimeOf(time);
  let text = '';
  for (const part of layout) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'fraction') text += formatFraction(part.text, clock.nanosecond);
    else if (part.text === 'MST') text += zoneAbbreviation(time.zone, Number(time.unixNanos / 1_000_000_000n));
    else text += formatElement(part.text, clock);
  }
  return text;
}

function formatElement(element: string, clock: ClockTime): string {
  switch (element) {
    case '2006':
      return clock.year < 0 ? `-${pad(-clock.year, 4)}` : pad(clock.year, 4);
    case '06':
      return pad(((clock.year % 100) + 100) % 100, 2);
    case 'January':
      return MONTHS[clock.month - 1];
    case 'Jan':
      return MONTHS[clock.month - 1].slice(0, 3);
    case '1':
      return String(clock.month);
    case '01':
      return pad(clock.month, 2);
    case '_1':
      return pad(clock.month, 2, ' ');
    case 'Monday':
      return WEEKDAYS[clock.weekday];
    case 'Mon':
      return WEEKDAYS[clock.weekday].slice(0, 3);
    case '2':
      return String(clock.day);
    case '_2':
      return pad(clock.day, 2, ' ');
    case '02':
      return pad(clock.day, 2);
    default:
      return formatOfDay(element, clock);
  }
}

function formatOfDay(element: string, clock: ClockTime): string {
  switch (element) {
    case '15':
      return pad(clock.hour, 2);
    case '3':
      return String(clock.hour % 12 || 12);
    case '03':
      return pad(clock.hour % 12 || 12, 2);
    case 'PM':
      return clock.hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return clock.hour >= 12 ? 'pm' : 'am';
    case '4':
      return String(clock.minute);
    case '04':
      return pad(clock.minute, 2);
    case '5':
      return String(clock.second);
    case '05':
      return pad(clock.second, 2);
    default:
      return formatZone(element, clock.offset);
  }
}

function formatZone(element: string, offset: number): string {
  if (element.startsWith('Z') && offset === 0) return 'Z';
  const separator = element.includes(':') ? ':' : '';
  const digits = element.replace(/\D/g, '').length;
  const text = formatOffset(offset, { separator, withSeconds: digits === 6 });
  return digits === 2 ? text.slice(0, 3) : text;
}

/** ".000" has all its digits, ".999" none behind the last that is not zero. */
function formatFraction(element: string, nanosecond: number): string {
  const digits = pad(nanosecond, 9).slice(0, element.length - 1);
  if (element[1] === '0') return element[0] + digits.padEnd(element.length - 1, '0');
  const significant = digits.replace(/0+$/, '');
  return significant === '' ? '' : element[0] + significant;
}

function pad(value: number, digits: number, filler = '0'): string {
  return String(value).padStart(digits, filler);
}
