import type { Allocate } from './byte-writer.ts';
import { requestDescriptor } from './descriptors.ts';
import type { Signal } from './signal.ts';
import { writeRequest } from './json-encode.ts';
import { JsonText } from './json-text.ts';

const LINE_FEED = 0x0a;

/**
 * JSON lines: every request as OTLP/JSON on a line of its own, as the Collector's file exporter writes them. A request that
 * lies in several chunks is passed to `protoToJson` instead.
 */
export function requestsToJsonLines(signal: Signal, requests: readonly Uint8Array[], allocate?: Allocate): Uint8Array {
  const bytes = requests.reduce((sum, request) => sum + request.length, 0);
  const out = new JsonText(bytes * 3, allocate);
  const message = requestDescriptor(signal);
  for (const request of requests) {
    writeRequest(message, request, out);
    out.byte(LINE_FEED);
  }
  return out.view();
}

/** The lines of a JSON lines file, without their ends, as views; empty lines are left out, a last line needs no end. */
export function* jsonLines(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(LINE_FEED, start);
    const end = found === -1 ? bytes.length : found;
    const withoutReturn = end > start && bytes[end - 1] === 0x0d ? end - 1 : end;
    if (withoutReturn > start) yield bytes.subarray(start, withoutReturn);
    start = end + 1;
  }
}
