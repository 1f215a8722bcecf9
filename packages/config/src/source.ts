import { isSensitiveKey, urlSecrets } from './secrets.ts';

/** A place in a source. `via` names what a value came through when it was not written there: `env:HOME`. */
export interface Origin {
  readonly source: Source;
  /** Index into `source.text`. */
  readonly offset: number;
  readonly via?: string;
}

/** One text that configuration came from: a file, a `--set` argument, an environment variable. */
export class Source {
  /** What messages call it: `config.yaml`, `--set service.telemetry.logs.level`. */
  readonly label: string;
  /** Folder that plugins named in this source are relative to. */
  readonly dir: string;
  /** Sources are reported in the order in which they were read. */
  readonly order: number;
  /** Private, so that an error which is dumped as an object does not show the secrets of the whole text. */
  readonly #text: string | undefined;
  readonly #secretRanges: [start: number, end: number][] = [];
  #lineStarts: number[] | undefined;

  constructor(settings: { label: string; text: string | undefined; dir: string; order: number }) {
    this.label = settings.label;
    this.#text = settings.text;
    this.dir = settings.dir;
    this.order = settings.order;
  }

  /** Undefined where there are no positions to point at: an object that a program passed, a file that is missing. */
  get text(): string | undefined {
    return this.#text;
  }

  /** One-based line and column of an offset. Columns count UTF-16 code units, as editors do. */
  position(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] + 1 };
  }

  /** Marks text that must never be shown again. */
  hide(start: number, end: number): void {
    if (end > start) this.#secretRanges.push([start, end]);
  }

  /** A line for an excerpt, with what is secret replaced, and where in it an offset now stands. */
  excerpt(offset: number): { text: string; column: number } {
    const { line } = this.position(offset);
    const starts = this.#starts();
    const start = starts[line - 1];
    const end = starts[line] ?? (this.#text ?? '').length + 1;
    let text = (this.#text ?? '').slice(start, end - 1).replace(/\r$/, '');
    let column = offset - start;
    const inUrls = urlSecrets(text).map(([from, to]): [number, number] => [start + from, start + to]);
    const ranges = [...this.#secretRanges, ...inUrls, ...sensitiveRange(text, start)].filter(
      ([from, to]) => to > start && from < start + text.length,
    );
    // From the right, so that the ranges to the left keep their place.
    let untilLeft = text.length;
    for (const [from, to] of ranges.toSorted((a, b) => b[0] - a[0])) {
      const left = Math.max(0, from - start);
      const right = Math.min(untilLeft, to - start);
      if (right <= left) continue;
      untilLeft = left;
      text = `${text.slice(0, left)}${REDACTED}${text.slice(right)}`;
      if (column >= right) column += REDACTED.length - (right - left);
      else if (column > left) column = left;
    }
    return { text, column };
  }

  #starts(): number[] {
    if (this.#lineStarts === undefined) {
      this.#lineStarts = [0];
      const text = this.#text ?? '';
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
    }
    return this.#lineStarts;
  }
}

/** The value in a line whose key sounds like a secret: also where the text around it cannot be parsed. */
function sensitiveRange(line: string, start: number): [start: number, end: number][] {
  const match = /^(\s*(?:- +)*["']?([\w.-]+)["']?\s*:\s*)(?![|>$&*]|$)(.+)$/.exec(line);
  return match !== null && isSensitiveKey(match[2]) ? [[start + match[1].length, start + line.length]] : [];
}

/** What stands in the place of a secret, as in the Collector. */
export const REDACTED = '[REDACTED]';

/** `file:line:col`, or the label alone where there are no lines. */
export function locationOf(origin: Origin): string {
  if (origin.source.text === undefined) return origin.source.label;
  const { line, column } = origin.source.position(origin.offset);
  return `${origin.source.label}:${line}:${column}`;
}
