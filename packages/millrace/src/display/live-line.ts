import { stripVTControlCharacters } from 'node:util';
import type { CollectorSnapshot } from '@millrace/engine';
import type { Paint } from './paint.ts';

const INTERVAL_MS = 1_000;
const COLUMNS_DEFAULT = 80;
const CLEAR_LINE = '\r\u001B[K';

/** One line at the bottom of the terminal that says what flows, each second anew. */
export class LiveLine {
  readonly #snapshot: () => CollectorSnapshot;
  readonly #paint: Paint;
  readonly #write: (text: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #last: CollectorSnapshot | undefined;
  #lastMs = 0;
  #shown = false;

  constructor(snapshot: () => CollectorSnapshot, paint: Paint, write: (text: string) => void) {
    this.#snapshot = snapshot;
    this.#paint = paint;
    this.#write = write;
  }

  start(): void {
    this.#last = this.#snapshot();
    this.#lastMs = performance.now();
    this.#timer = setInterval(() => this.#show(), INTERVAL_MS);
    this.#timer.unref();
  }

  /** Prints something above the line. */
  above(text: string): void {
    this.#write(this.#shown ? `${CLEAR_LINE}${text}` : text);
    this.#shown = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    if (this.#shown) this.#write('\n');
    this.#shown = false;
  }

  #show(): void {
    const now = this.#snapshot();
    const nowMs = performance.now();
    const before = this.#last ?? now;
    const seconds = (nowMs - this.#lastMs) / 1_000;
    this.#last = now;
    this.#lastMs = nowMs;
    // A terminal that does not know its size says 0.
    const columns = process.stdout.columns || COLUMNS_DEFAULT;
    this.#write(`${CLEAR_LINE}${liveText(before, now, { seconds, columns }, this.#paint)}`);
    this.#shown = true;
  }
}

/** The line's text for what happened between two snapshots. */
function liveText(
  before: CollectorSnapshot,
  now: CollectorSnapshot,
  { seconds, columns }: { readonly seconds: number; readonly columns: number },
  paint: Paint,
): string {
  const rate = (count: number) => Math.round(count / seconds).toLocaleString('en');
  const errors = now.refused + now.failed;
  const failing = now.components.filter(({ status }) => status.endsWith('_error')).map(({ id }) => id);
  const parts = [
    ` ${paint.green('●')} in ${paint.bold(rate(now.received - before.received))}/s`,
    `out ${paint.bold(rate(now.sent - before.sent))}/s`,
    errors === 0 ? 'errors 0' : paint.red(`errors ${errors.toLocaleString('en')}`),
    `queue ${now.queued.toLocaleString('en')}`,
    `in flight ${(now.bytesInFlight / 1024 / 1024).toFixed(1)} MiB`,
    `total ${now.received.toLocaleString('en')}`,
    failing.length === 0 ? paint.dim('Ctrl+C stops') : paint.yellow(`failing: ${failing.join(', ')}`),
  ];
  // A line that wraps could not be cleared: the least important parts, which come last, are left out.
  while (parts.length > 1 && visibleLength(parts) >= columns) parts.pop();
  return parts.join(paint.dim(SEPARATOR));
}

const SEPARATOR = '  ·  ';

function visibleLength(parts: readonly string[]): number {
  return stripVTControlCharacters(parts.join(SEPARATOR)).length;
}
