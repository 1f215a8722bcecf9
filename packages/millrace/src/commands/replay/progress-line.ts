import type { Writable } from 'node:stream';
import type { ReplayCounts } from './replay-run.ts';

const INTERVAL_MS = 250;
const CLEAR_LINE = '\r\u001B[K';

/** One line on a terminal that says how far a replay is; nothing elsewhere. */
export class ProgressLine {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  readonly #counts: () => ReplayCounts;
  readonly #startedMs = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(stream: Writable & { readonly isTTY?: boolean }, counts: () => ReplayCounts) {
    this.#stream = stream;
    this.#counts = counts;
  }

  start(): void {
    if (this.#stream.isTTY !== true) return;
    this.#timer = setInterval(() => this.#show(), INTERVAL_MS);
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#stream.write(CLEAR_LINE);
  }

  #show(): void {
    const { file, sent, items, refused } = this.#counts();
    const perSecond = Math.round(items / ((performance.now() - this.#startedMs) / 1000));
    const bad = refused > 0 ? `, ${refused} refused` : '';
    const number = (value: number) => value.toLocaleString('en');
    this.#stream.write(
      `${CLEAR_LINE}${file}: ${number(sent)} entries, ${number(items)} items, ${number(perSecond)}/s${bad}`,
    );
  }
}
