import { key, type SpanView, type TracesBatch } from '@millrace/otlp';
import type { HashedRandomness } from './hashed-randomness.ts';
import type { Sampler } from './sampler.ts';
import { ALWAYS, NEVER, RANDOMNESS_MAX, type Threshold } from './threshold.ts';
import type { TraceState } from './trace-state.ts';

const PRIORITY = key('sampling.priority');
const NO_TRACE = '0'.repeat(32);
const DIGITS = 14;
/** What Go reads as a number, without its rarer forms. */
const NUMBER = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;

export interface SpanTools {
  readonly sampler: Sampler;
  readonly hash: HashedRandomness;
  readonly state: TraceState;
}

/** Drops the spans that are not sampled; the others say with which probability they were. Returns how many are left. */
export function sampleSpans(batch: TracesBatch, tools: SpanTools): number {
  let kept = 0;
  for (const span of batch.spans) {
    if (keeps(span, tools)) kept++;
    else span.drop();
  }
  return kept;
}

function keeps(span: SpanView, { sampler, hash, state }: SpanTools): boolean {
  const priority = priorityOf(span);
  if (priority === NEVER) return false;
  const before = span.traceState;
  state.read(before);
  let randomness = '';
  if (sampler.source !== 'none') {
    const { traceId } = span;
    if (traceId !== '' && traceId !== NO_TRACE)
      randomness = sampler.source === 'hash' ? hash.of(span.traceIdBytes) : traceId.slice(-DIGITS);
  }
  if (!sampler.keeps(state, randomness, priority)) return false;
  if (state.isBroken) return true;
  // The Collector writes this randomness down for spans without a trace id that it lets pass.
  if (sampler.source === 'hash' && randomness === '') state.rValue = RANDOMNESS_MAX;
  const after = state.write();
  if (after !== before) span.traceState = after;
  return true;
}

/** By OpenTracing's convention: 0 is never, a positive number always; everything else means nothing. */
function priorityOf(span: SpanView): Threshold | undefined {
  const value = span.attributes.get(PRIORITY);
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  if (typeof number !== 'number' && typeof number !== 'bigint') return undefined;
  return number > 0 ? ALWAYS : Number(number) === 0 ? NEVER : undefined;
}
