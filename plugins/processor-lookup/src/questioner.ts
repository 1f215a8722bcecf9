import type { Clock } from '@millrace/api';
import type { Finding, RemoteSource } from './source/lookup-source.ts';

/** Failures in a row after which the source gets a rest. */
const FAILURES_MAX = 5;
const REST_FIRST_MS = 1_000;
const REST_MAX_MS = 30_000;

export interface QuestionerOptions {
  readonly source: RemoteSource;
  readonly clock: Clock;
  /** Each answer, or that there was none. */
  readonly onAnswer: (failure: unknown) => void;
  /** The source gets a rest, or answers again. */
  readonly onRest: (failure: unknown) => void;
  readonly onRecovery: () => void;
}

/**
 * Asks a source, a few questions at a time and the others in the order in which they came. A source that keeps failing is left
 * alone for a while, in which questions fail at once: batches would pile up behind its time limit.
 */
export class Questioner {
  readonly #options: QuestionerOptions;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #failures = 0;
  #restMs = REST_FIRST_MS;
  #restsUntilMs = 0;
  #isClosed = false;

  constructor(options: QuestionerOptions) {
    this.#options = options;
  }

  readonly ask = async (key: string): Promise<Finding> => {
    const { source, onAnswer } = this.#options;
    // Who ends hands its place over, so that nobody who comes in between takes it.
    if (this.#running < source.concurrency) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      this.#refuse();
      const finding = await source.ask(key);
      this.#noteSuccess();
      onAnswer(undefined);
      return finding;
    } catch (error) {
      if (!(error instanceof RestError)) this.#noteFailure(error);
      onAnswer(error);
      throw error;
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  };

  /** Questions fail from now on. */
  close(): void {
    this.#isClosed = true;
  }

  #refuse(): void {
    if (this.#isClosed) throw new RestError('the collector ends');
    if (this.#options.clock.monotonic() < this.#restsUntilMs)
      throw new RestError('the source has failed and is left alone');
  }

  #noteSuccess(): void {
    if (this.#restsUntilMs > 0) this.#options.onRecovery();
    this.#failures = 0;
    this.#restMs = REST_FIRST_MS;
    this.#restsUntilMs = 0;
  }

  #noteFailure(error: unknown): void {
    const now = this.#options.clock.monotonic();
    // Answers to questions from before the rest say nothing new.
    if (now < this.#restsUntilMs || ++this.#failures < FAILURES_MAX) return;
    if (this.#restsUntilMs === 0) this.#options.onRest(error);
    this.#restsUntilMs = now + this.#restMs;
    this.#restMs = Math.min(2 * this.#restMs, REST_MAX_MS);
    // One failure more is enough for the next rest.
    this.#failures = FAILURES_MAX - 1;
  }
}

class RestError extends Error {}
