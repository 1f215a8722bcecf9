import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { Id } from '../../value/id.ts';
import { decodedId } from './decode-id.ts';

export const traceId = defineFunction({
  name: 'TraceID',
  kind: 'converter',
  summary: 'A trace id of its 16 bytes or of 32 hex digits.',
  params: { target: p.bytesLike },
  returns: 'id',
  examples: [
    {
      code: 'TraceID(0x00112233445566778899aabbccddeeff)',
      result: new Id('trace', '00112233445566778899aabbccddeeff'),
    },
    {
      code: 'TraceID("A389023abaa839283293ed323892389d")',
      result: new Id('trace', 'a389023abaa839283293ed323892389d'),
    },
    { code: 'TraceID("0102")', invalid: 'expected 16 bytes or 32 hex digits but got 4 bytes' },
    { code: 'TraceID(attributes["missing"])', fails: 'but got 0 bytes' },
  ],
  make: ({ target }) => decodedId('trace', target),
});
