import type { Writable } from 'node:stream';
import type { LoadRun } from '@millrace/load';

const INTERVAL_MS = 250;
const CLEAR_LINE = '\r\u001B[K';
const BAR_CELLS = 24;

/** One line on a terminal that says how far a run is; nothing elsewhere. */
export class ProgressBar {
  readonly #stream: Writable & { readonly isTTY?: boolean };
  readonly #run: LoadRun;
  /** How much of it is done, 0 to 1; undefined: nobody knows its end. */
  readonly #share: () => number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    stream: Writable & { readonly isTTY?: boolean },
    { run, share }: { readonly run: LoadRun; readonly share: () => number | undefined },
  ) {
    this.#stream = stream;
    this.#run = run;
    this.#share = share;
  }

  start(): void {
    if (this.#stream.isTTY !== true) return;
    this.#timer = setInterval(
      () => this.#stream.write(`${CLEAR_LINE}${progressText(this.#run, this.#share())}`),
      INTERVAL_MS,
    );
  }

  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#stream.write(CLEAR_LINE);
  }
}

/** `████████░░░░░░░░ 33 %  12,000 acknowledged  998/s  p99 3.2 ms  refused 40`. */
function progressText({ counts, latencies, elapsedMs }: LoadRun, share: number | undefined): string {
  const number = (value: number) => value.toLocaleString('en');
  const bad = counts.refusedPermanent + counts.refusedRetryable;
  const parts = [
    ...(share === undefined ? [] : [bar(Math.min(1, share))]),
    `${number(counts.acknowledged)} acknowledged`,
    `${number(Math.round((counts.acknowledged * 1_000) / Math.max(1, elapsedMs)))}/s`,
    ...(latencies.count > 0 ? [`p99 ${latencies.percentileMs(0.99).toFixed(1)} ms`] : []),
    ...(bad > 0 ? [`refused ${number(bad)}`] : []),
    ...(counts.failed > 0 ? [`failed ${number(counts.failed)}`] : []),
  ];
  return parts.join('  ');
}

function bar(share: number): string {
  const full = Math.round(share * BAR_CELLS);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${Math.floor(share * 100)} %`;
}
