import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { Id } from '../../value/id.ts';
import { decodedId } from './decode-id.ts';

export const spanId = defineFunction({
  name: 'SpanID',
  kind: 'converter',
  summary: 'A span id of its 8 bytes or of 16 hex digits.',
  params: { target: p.bytesLike },
  returns: 'id',
  examples: [
    { code: 'SpanID(0x0000000000000000)', result: new Id('span', '0000000000000000') },
    { code: 'SpanID("A102030405060708")', result: new Id('span', 'a102030405060708') },
    { code: 'SpanID("0102")', invalid: 'expected 8 bytes or 16 hex digits but got 4 bytes' },
    { code: 'SpanID(attributes["missing"])', fails: 'but got 0 bytes' },
  ],
  make: ({ target }) => decodedId('span', target),
});
