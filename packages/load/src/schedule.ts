import { ComponentError } from '@millrace/api';

export interface ScheduleSettings {
  /** Items per second; Infinity: each request as soon as a connection is free. */
  readonly rate: number;
  readonly batch: number;
  /** Items in all; Infinity: no end. */
  readonly total: number;
  /** Requests are due within that time; Infinity: no end. */
  readonly durationMs: number;
}

/** When each request is due, whatever became of those before: an open loop. */
export class Schedule {
  readonly settings: ScheduleSettings;

  constructor(settings: ScheduleSettings) {
    this.settings = settings;
  }

  /** Whether requests have times of their own. */
  get isOpen(): boolean {
    return Number.isFinite(this.settings.rate);
  }

  /** Milliseconds after the start; of a closed loop 0, as each is due when it can be sent. */
  dueMs(number: number): number {
    const { rate, batch } = this.settings;
    return this.isOpen ? (number * batch * 1_000) / rate : 0;
  }

  /** Items of that request; 0 where there is none. */
  itemsOf(number: number): number {
    const { batch, total, durationMs } = this.settings;
    if (this.isOpen && this.dueMs(number) >= durationMs) return 0;
    return Math.max(0, Math.min(batch, total - number * batch));
  }

  /** Items of the whole load; Infinity where it has no end, or none that is known. */
  get items(): number {
    const { rate, batch, total, durationMs } = this.settings;
    const requests = this.isOpen ? Math.ceil((durationMs * rate) / (batch * 1_000)) : Infinity;
    return Math.min(total, requests * batch);
  }
}

/** Of `1000`, `1000/s` or `unlimited`. Throws a ComponentError. */
export function parseRate(text: string): number {
  if (text === 'unlimited') return Infinity;
  const rate = Number(/^(\d+(?:\.\d+)?)(?:\/s)?$/.exec(text)?.[1]);
  if (rate > 0) return rate;
  throw new ComponentError(`--rate ${text}: is no number of items per second`, {
    code: 'RATE_INVALID',
    remedy: 'write it as 1000/s',
  });
}
