/**
 * Validation of 1,000 log records with 8 attributes each: the walkers, the same rules read from the tables, and a decode to objects.
 * Run: node benchmarks/micro/validate.ts
 */
import { validate } from '../../packages/otlp/src/validate.ts';
import { inspect } from '../../packages/otlp/src/inspect.ts';
import { isUtf8 } from '../../packages/otlp/src/utf8.ts';
import { messageType } from '../../packages/otlp/src/testing/oracle.ts';
import { isUtf8 as nativeIsUtf8 } from 'node:buffer';
import { logsCorpus } from './otlp-json-corpus.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;

for (const kind of ['ascii', 'unicode'] as const) {
  const bytes = logsCorpus(RECORDS, kind);
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  console.log(`${kind}: ${(bytes.length / RECORDS).toFixed(0)} bytes a record`);
  measure('validate', RECORDS, () => void validate('logs', bytes));
  measure('validate, shared memory', RECORDS, () => void validate('logs', shared));
  measure('rules read from the tables (inspect)', RECORDS, () => void inspect('logs', bytes, 64));
  if (kind === 'ascii') {
    const type = messageType('logs');
    measure('decode to objects (protobufjs)', RECORDS, () => void type.decode(bytes));
  }
}

for (const length of [8, 32, 128, 512]) {
  const text = Buffer.alloc(length, 'a');
  measure(`UTF-8 of ${length} bytes, own`, 1000, () => {
    for (let i = 0; i < 1000; i++) isUtf8(text, 0, length);
  });
  measure(`UTF-8 of ${length} bytes, native`, 1000, () => {
    for (let i = 0; i < 1000; i++) nativeIsUtf8(text.subarray(0, length));
  });
}
