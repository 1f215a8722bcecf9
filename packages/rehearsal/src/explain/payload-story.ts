import { messageOf, type OpenBatch, type Signal, type StepTools } from '@millrace/api';
import type { ResolvedComponent } from '@millrace/config';
import { silentLogger } from '@millrace/engine';
import { LogsBatch, MetricsBatch, ProfilesBatch, TracesBatch } from '@millrace/otlp';
import type { PayloadStory } from './explanation.ts';

/** What an exporter would make of a batch. Its encoder is real; nothing is sent. */
export function payloadStory(
  { id, definition, config }: ResolvedComponent<'exporter'>,
  signal: Signal,
  request: Uint8Array,
  nowMs: number,
): PayloadStory {
  try {
    const encoder = definition.encoder?.(config, toolsOf(id, nowMs));
    if (encoder === undefined) return { bytes: request.length, text: undefined, error: undefined };
    const payload = encoder.encode(openBatch(signal, request));
    return { bytes: payload.length, text: textOf(payload), error: undefined };
  } catch (error) {
    return { bytes: 0, text: undefined, error: messageOf(error) };
  }
}

function toolsOf(id: string, nowMs: number): StepTools {
  return {
    id,
    count: () => undefined,
    nowUnixNano: () => BigInt(nowMs) * 1_000_000n,
    logger: silentLogger,
    context: undefined,
  };
}

function openBatch(signal: Signal, request: Uint8Array): OpenBatch {
  switch (signal) {
    case 'logs':
      return LogsBatch.of([request]);
    case 'traces':
      return TracesBatch.of([request]);
    case 'metrics':
      return MetricsBatch.of([request]);
    case 'profiles':
      return ProfilesBatch.of([request]);
  }
}

/** Bytes that are looked at. */
const HEAD_BYTES = 2_000;

function textOf(payload: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(payload.subarray(0, HEAD_BYTES), { stream: true });
  // oxlint-disable-next-line no-control-regex -- they tell text from other data
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? undefined : text;
}
