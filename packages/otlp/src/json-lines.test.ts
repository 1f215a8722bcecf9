import { expect, it } from 'vitest';
import { jsonToProto } from './json-decode.ts';
import { jsonLines, requestsToJsonLines } from './json-lines.ts';
import { encode } from './testing/oracle.ts';

const request = (schemaUrl: string): Uint8Array => encode('logs', { resourceLogs: [{ schemaUrl }] });

it('writes one request a line and reads them back', () => {
  const requests = [request('a'), request('line\nfeed'), new Uint8Array(0)];
  const lines = requestsToJsonLines('logs', requests);
  const text = Buffer.from(lines).toString();
  expect(text.split('\n')).toHaveLength(4);
  expect(text.endsWith('{}\n')).toBe(true);
  expect([...jsonLines(lines)].map((line) => decodeAgain(line))).toEqual(
    requests.map((each) => decodeAgain(each, true)),
  );
});

/** Through JSON once, so that messages that are always there in JSON compare. */
function decodeAgain(bytes: Uint8Array, isProto = false): Uint8Array {
  const json = isProto ? requestsToJsonLines('logs', [bytes]) : bytes;
  return jsonToProto('logs', json);
}

it.each([
  ['a\nb', ['a', 'b']],
  ['a\r\n\r\n\nb\n', ['a', 'b']],
  ['', []],
  ['\n', []],
])('splits %j', (text, lines) => {
  expect([...jsonLines(Buffer.from(text))].map((line) => Buffer.from(line).toString())).toEqual(lines);
});
