/**
 * Validation of 1,000 log records with 8 attributes each: the walker, the same rules read from the tables, and a decode to objects; of the
 * requests of the whole-process benchmark in turn, of small ones, and of long texts.
 * Run: node benchmarks/micro/validate.ts
 */
import { validate } from '../../packages/otlp/src/validate.ts';
import { inspect } from '../../packages/otlp/src/inspect.ts';
import { isUtf8 } from '../../packages/otlp/src/utf8.ts';
import { messageType } from '../../packages/otlp/src/testing/oracle.ts';
import { isUtf8 as nativeIsUtf8 } from 'node:buffer';
import { corpus } from '../corpus/requests.ts';
import { logsCorpus, textsCorpus } from './otlp-json-corpus.ts';
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

const requests = corpus({ requests: 60, items: RECORDS });
console.log('60 diverse requests in turn');
measure('validate', requests.length * RECORDS, () => {
  for (const bytes of requests) validate('logs', bytes);
});

const [small] = corpus({ requests: 1, items: 1 });
console.log('requests of one record');
measure('validate', RECORDS, () => {
  for (let i = 0; i < RECORDS; i++) validate('logs', small);
});

console.log('bodies of 1,536 bytes, three to a letter');
const foreign = textsCorpus(RECORDS, '処理時間と大きさについて記録する'.repeat(32));
measure('validate', RECORDS, () => void validate('logs', foreign));

for (const length of [8, 32, 128, 512]) {
  const text = Buffer.alloc(length, 'a');
  measure(`UTF-8 of ${length} bytes, own`, 1000, () => {
    for (let i = 0; i < 1000; i++) isUtf8(text, 0, length);
  });
  measure(`UTF-8 of ${length} bytes, native`, 1000, () => {
    for (let i = 0; i < 1000; i++) nativeIsUtf8(text.subarray(0, length));
  });
}
