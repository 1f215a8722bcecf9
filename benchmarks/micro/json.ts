/**
 * OTLP/JSON both ways for 1,000 log records with 8 attributes each, beside ways through objects.
 * Run: node benchmarks/micro/json.ts
 */
import { jsonToProto } from '../../packages/otlp/src/json-decode.ts';
import { protoToJson } from '../../packages/otlp/src/json-encode.ts';
import { messageType } from '../../packages/otlp/src/testing/oracle.ts';
import { logsCorpus } from './otlp-json-corpus.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const type = messageType('logs');

for (const kind of ['ascii', 'unicode'] as const) {
  const bytes = logsCorpus(RECORDS, kind);
  const json = protoToJson('logs', bytes);
  const text = Buffer.from(json).toString();
  const perRecord = (size: number): string => (size / RECORDS).toFixed(0);
  console.log(`${kind}: ${perRecord(bytes.length)} bytes a record as protobuf, ${perRecord(json.length)} as JSON`);
  measure('protobuf to JSON', RECORDS, () => void protoToJson('logs', bytes));
  measure('JSON to protobuf', RECORDS, () => void jsonToProto('logs', json));
  measure('JSON.parse of the text, nothing else', RECORDS, () => void JSON.parse(text));
  measure('JSON.parse of the bytes, nothing else', RECORDS, () => void JSON.parse(Buffer.from(json).toString()));
  measure('protobufjs decode, JSON.stringify (ids wrong)', RECORDS, () => void JSON.stringify(type.decode(bytes)));
}
