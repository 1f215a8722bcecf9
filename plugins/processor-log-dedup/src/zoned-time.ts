/** Go's names for two zones that the IANA database does not have. */
const SPECIAL: Readonly<Record<string, string | undefined>> = { '': 'UTC', Local: undefined };

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const zone = timeZone in SPECIAL ? SPECIAL[timeZone] : timeZone;
  return new Intl.DateTimeFormat('en-US', {
    ...(zone === undefined ? {} : { timeZone: zone }),
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  });
}

export function isTimeZone(timeZone: string): boolean {
  // Intl takes offsets, the Collector does not.
  if (/^[+-]/.test(timeZone)) return false;
  try {
    formatFor(timeZone);
    return true;
  } catch {
    return false;
  }
}

/** Writes times as RFC 3339, to the second, in one time zone. */
export class ZonedTime {
  readonly #format: Intl.DateTimeFormat;
  /** Many records have the same times. */
  #lastSecond = Number.NaN;
  #lastText = '';

  constructor(timeZone: string) {
    this.#format = formatFor(timeZone);
  }

  textOf(unixMs: number): string {
    const second = Math.floor(unixMs / 1000);
    if (second === this.#lastSecond) return this.#lastText;
    const parts = new Map(this.#format.formatToParts(second * 1000).map(({ type, value }) => [type, value]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? '';
    const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
    const offset = part('timeZoneName').replace('GMT', '');
    this.#lastSecond = second;
    this.#lastText = `${date}T${part('hour')}:${part('minute')}:${part('second')}${offset === '' || offset === '+00:00' ? 'Z' : offset}`;
    return this.#lastText;
  }
}
