import { compress } from '@millrace/codec';
import { logRequest } from './log-requests.ts';
import { metricRequest } from './metric-requests.ts';
import { LoadIdWriter } from './load-id.ts';
import type { RequestSettings } from './request-settings.ts';
import type { Shape } from './shape.ts';
import { traceRequest, TRACE_MARK } from './trace-requests.ts';

export type LoadSignal = 'logs' | 'traces' | 'metrics';
export const LOAD_COMPRESSIONS = ['none', 'gzip', 'zstd'] as const;
export type LoadCompression = (typeof LOAD_COMPRESSIONS)[number];

export interface LoadRequestsSettings {
  readonly signal: LoadSignal;
  /** Items of a request; the last may have fewer. */
  readonly batch: number;
  readonly shape: Shape;
  /** The same seed, the same requests but for their times. */
  readonly seed: number;
  readonly compression: LoadCompression;
  /** Items carry ids of this run; absent: none. */
  readonly run?: string;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
}

/** One request's body, and what it holds. */
export interface LoadRequest {
  readonly body: Uint8Array;
  /** Length before compression. */
  readonly bytes: number;
  readonly items: number;
}

const DISTINCT_ITEMS_MAX = 32_000;
const DISTINCT_REQUESTS_MAX = 32;
const DISTINCT_REQUESTS_MIN = 4;
/** Times in a request are at most that old when it is sent: it is made anew then. */
const TIMES_AGE_MS_MAX = 60_000;

/** A request that is sent many times. Its parts that are each sending's own have their places noted. */
interface Template {
  readonly bytes: Uint8Array;
  readonly madeAtMs: number;
  readonly ids: LoadIdWriter | undefined;
  readonly traceIds: readonly number[];
  /** Undefined where each sending differs. */
  readonly compressed: Uint8Array | undefined;
}

/** How many different requests a load consists of; the n-th is the n-th of them, and again from the first. */
export function distinctRequests(batch: number): number {
  return Math.min(DISTINCT_REQUESTS_MAX, Math.max(DISTINCT_REQUESTS_MIN, Math.floor(DISTINCT_ITEMS_MAX / batch)));
}

/** The requests of a load, by number. Made once and used in turn, so that making them costs next to nothing. */
export class LoadRequests {
  readonly #settings: LoadRequestsSettings;
  readonly #templates = new Map<string, Template>();

  constructor(settings: LoadRequestsSettings) {
    this.#settings = settings;
  }

  /** Makes what would otherwise be made while the first requests are due. */
  prepare(): void {
    for (let index = 0; index < distinctRequests(this.#settings.batch); index++)
      this.#template(index, this.#settings.batch);
  }

  /** The request of that number, with fewer items than `batch` where it is the last. Asked for twice, it is the same. */
  request(number: number, items: number): LoadRequest {
    const { batch, compression } = this.#settings;
    const template = this.#template(number % distinctRequests(batch), items);
    const bytes = template.bytes.length;
    if (template.compressed !== undefined) return { body: template.compressed, bytes, items };
    const own = Buffer.from(template.bytes);
    for (const offset of template.traceIds) own.writeUInt32BE(number % 2 ** 32, offset);
    template.ids?.write(own, number * batch);
    return { body: compression === 'none' ? own : compress(own, { codec: compression }), bytes, items };
  }

  #template(index: number, items: number): Template {
    const key = `${index} ${items}`;
    const nowMs = this.#settings.now();
    const known = this.#templates.get(key);
    if (known !== undefined && nowMs - known.madeAtMs < TIMES_AGE_MS_MAX) return known;
    const made = this.#make(index, items, nowMs);
    this.#templates.set(key, made);
    return made;
  }

  #make(index: number, items: number, madeAtMs: number): Template {
    const { signal, seed, shape, run, compression } = this.#settings;
    const ids = run === undefined ? undefined : LoadIdWriter.placeholder(run);
    const bytes = requestOf(signal, {
      seed: seed + index,
      items,
      shape,
      startUnixNano: BigInt(Math.floor(madeAtMs)) * 1_000_000n,
      ...(ids === undefined ? {} : { loadId: ids }),
    });
    const traceIds = signal === 'traces' ? offsetsOf(TRACE_MARK, bytes) : [];
    const isShared = ids === undefined && traceIds.length === 0;
    return {
      bytes,
      madeAtMs,
      ids: ids === undefined ? undefined : new LoadIdWriter(offsetsOf(Buffer.from(ids, 'latin1'), bytes)),
      traceIds,
      compressed: isShared ? (compression === 'none' ? bytes : compress(bytes, { codec: compression })) : undefined,
    };
  }
}

/** One export request of the corpus. */
export function requestOf(signal: LoadSignal, settings: RequestSettings): Uint8Array {
  switch (signal) {
    case 'logs':
      return logRequest(settings);
    case 'traces':
      return traceRequest(settings);
    case 'metrics':
      return metricRequest(settings);
  }
}

function offsetsOf(mark: Uint8Array, bytes: Uint8Array): readonly number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const offsets: number[] = [];
  for (let at = buffer.indexOf(mark); at !== -1; at = buffer.indexOf(mark, at + mark.length)) offsets.push(at);
  return offsets;
}
