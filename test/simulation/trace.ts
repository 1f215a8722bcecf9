import { createHash } from 'node:crypto';

/** Something that happened, at a simulated time; `ids` where it is about some items. */
export interface TraceEvent {
  readonly atMs: number;
  readonly what: string;
  readonly ids: readonly number[] | undefined;
}

/** All that happened in a simulation. Two runs of one seed must have the same hash. */
export class Trace {
  readonly events: TraceEvent[] = [];
  readonly #hash = createHash('sha256');
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  note(what: string, ids?: readonly number[]): void {
    const event = { atMs: Math.round(this.#nowMs()), what, ids };
    this.events.push(event);
    this.#hash.update(`${event.atMs} ${what} ${ids?.join(',') ?? ''}\n`);
  }

  get hash(): string {
    return this.#hash.copy().digest('hex').slice(0, 16);
  }
}

export function describeEvent({ atMs, what, ids }: TraceEvent): string {
  const shown = ids === undefined ? '' : ` [${ids.slice(0, 12).join(' ')}${ids.length > 12 ? ' …' : ''}]`;
  return `${String(atMs).padStart(8)} ms  ${what}${shown}`;
}
