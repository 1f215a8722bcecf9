import { key, type Key, type LogRecordView, type LogsBatch } from '@millrace/otlp';
import type { HashedRandomness } from './hashed-randomness.ts';
import type { Sampler } from './sampler.ts';
import type { SamplerSettings } from './sampler-settings.ts';
import { SamplingState } from './sampling-state.ts';
import { ALWAYS, isRValue, NEVER, type Threshold, thresholdOf } from './threshold.ts';

const THRESHOLD = key('sampling.threshold');
const RANDOMNESS = key('sampling.randomness');
const NO_TRACE = '0'.repeat(32);
const DIGITS = 14;

/** Samples log records, which say with which probability they were kept in two attributes. */
export class RecordSampler {
  readonly #sampler: Sampler;
  readonly #hash: HashedRandomness;
  readonly #state = new SamplingState();
  readonly #hashesTraceId: boolean;
  readonly #from: Key | undefined;
  readonly #priority: Key | undefined;
  readonly #precision: number;

  constructor(settings: SamplerSettings, sampler: Sampler, hash: HashedRandomness) {
    this.#sampler = sampler;
    this.#hash = hash;
    this.#hashesTraceId = settings.attribute_source === 'traceID';
    this.#from = settings.from_attribute === '' ? undefined : key(settings.from_attribute);
    this.#priority = settings.sampling_priority === '' ? undefined : key(settings.sampling_priority);
    this.#precision = settings.sampling_precision;
  }

  /** Drops what is not sampled. Returns how many records are left. */
  sample(batch: LogsBatch): number {
    let kept = 0;
    for (const record of batch.records) {
      if (this.#keeps(record)) kept++;
      else record.drop();
    }
    return kept;
  }

  #keeps(record: LogRecordView): boolean {
    const priority = this.#priorityOf(record);
    if (priority === NEVER) return false;
    const { attributes } = record;
    const state = this.#state;
    this.#read(record);
    const { rValue, tValue } = state;
    if (!this.#sampler.keeps(state, this.#randomnessOf(record), priority)) return false;
    if (state.isBroken) return true;
    if (state.rValue !== rValue) attributes.set(RANDOMNESS, state.rValue);
    if (state.tValue !== tValue) attributes.set(THRESHOLD, state.tValue);
    return true;
  }

  #read({ attributes }: LogRecordView): void {
    const state = this.#state;
    state.clear();
    const threshold = attributes.getString(THRESHOLD) ?? '';
    const randomness = attributes.getString(RANDOMNESS) ?? '';
    if (threshold !== '' && !state.readThreshold(threshold)) state.isBroken = true;
    if (randomness === '') return;
    if (isRValue(randomness)) state.rValue = randomness;
    else state.isBroken = true;
  }

  #randomnessOf(record: LogRecordView): string {
    const { source } = this.#sampler;
    if (source === 'none') return '';
    if (source === 'trace' || this.#hashesTraceId) {
      const { traceId } = record;
      if (traceId !== '' && traceId !== NO_TRACE)
        return source === 'trace' ? traceId.slice(-DIGITS) : this.#hash.of(record.traceIdBytes);
    }
    if (source === 'trace' || this.#from === undefined) return '';
    const bytes = bytesOf(record, this.#from);
    return bytes.length === 0 ? '' : this.#hash.of(bytes);
  }

  /** The record's own percentage, 0 included; undefined where it has none that can be used. */
  #priorityOf({ attributes }: LogRecordView): Threshold | undefined {
    if (this.#priority === undefined) return undefined;
    const value = attributes.get(this.#priority);
    if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
    const percentage = Number(value);
    if (percentage === 0) return NEVER;
    return percentage >= 100 ? ALWAYS : thresholdOf(percentage / 100, this.#precision);
  }
}

const NOTHING = new Uint8Array(0);

/** What is hashed of an attribute: the bytes of bytes, the text of everything else; of lists and maps, the wire. */
function bytesOf({ attributes }: LogRecordView, from: Key): Uint8Array {
  switch (attributes.kind(from)) {
    case undefined:
    case 'empty':
      return NOTHING;
    case 'bytes':
      return attributes.get(from) as Uint8Array;
    case 'array':
    case 'kvlist':
      return attributes.raw(from) as Uint8Array;
    default:
      return Buffer.from(String(attributes.get(from) as string | number | bigint | boolean));
  }
}
