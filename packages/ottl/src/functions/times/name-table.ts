import { OttlRuntimeError } from '../../ottl-error.ts';
import { MONTHS, WEEKDAYS } from './english-names.ts';

/** The names that a layout's elements stand for when a time is read; each has several forms, all in lowercase. */
export interface NameTable {
  readonly January: readonly Forms[];
  readonly Jan: readonly Forms[];
  readonly Monday: readonly Forms[];
  readonly Mon: readonly Forms[];
  /** AM first; null for the English ones, which a layout tells apart by case. */
  readonly dayPeriods: readonly Forms[] | null;
}

type Forms = readonly string[];

const short = (name: string): string => name.slice(0, 3);

export const ENGLISH_NAMES: NameTable = {
  January: MONTHS.map((name) => [name.toLowerCase()]),
  Jan: MONTHS.map((name) => [short(name).toLowerCase()]),
  Monday: WEEKDAYS.map((name) => [name.toLowerCase()]),
  Mon: WEEKDAYS.map((name) => [short(name).toLowerCase()]),
  dayPeriods: null,
};

/** The names in a language, given as a BCP 47 tag. Throws for one that Intl does not know. */
export function nameTable(locale: string): NameTable {
  if (supportedLocales(locale).length === 0) throw new OttlRuntimeError(`there is no locale ${locale}`);
  if (/^en(?:-|$)/i.test(locale)) return ENGLISH_NAMES;
  const monthNames = (month: 'long' | 'short'): readonly Forms[] =>
    MONTHS.map((_, i) => formsOf(locale, Date.UTC(2024, i, 3), [{ month }, { month, day: 'numeric' }], 'month'));
  const dayNames = (weekday: 'long' | 'short'): readonly Forms[] =>
    // 2023-01-01 was a Sunday.
    WEEKDAYS.map((_, i) => formsOf(locale, Date.UTC(2023, 0, 1 + i), [{ weekday }], 'weekday'));
  return {
    January: monthNames('long'),
    Jan: monthNames('short'),
    Monday: dayNames('long'),
    Mon: dayNames('short'),
    dayPeriods: [1, 13].map((hour) =>
      formsOf(locale, Date.UTC(2024, 0, 1, hour), [{ hour: 'numeric', hour12: true }], 'dayPeriod'),
    ),
  };
}

function supportedLocales(locale: string): readonly string[] {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(locale);
  } catch {
    return [];
  }
}

/** A name as it stands alone and in dates, with and without its points and the spaces in it, the longest first. */
function formsOf(
  locale: string,
  time: number,
  options: readonly Intl.DateTimeFormatOptions[],
  type: Intl.DateTimeFormatPartTypes,
): Forms {
  const forms = new Set<string>();
  for (const option of options) {
    const parts = new Intl.DateTimeFormat(locale, { ...option, timeZone: 'UTC' }).formatToParts(time);
    const name = parts.find((part) => part.type === type)?.value.toLowerCase();
    if (name === undefined) continue;
    const packed = name.replace(/\s/g, '');
    for (const form of [name, packed, packed.replaceAll('.', '')]) forms.add(form);
  }
  return [...forms].sort((a, b) => b.length - a.length);
}
