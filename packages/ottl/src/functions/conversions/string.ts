import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';

export const string = defineFunction({
  name: 'String',
  kind: 'converter',
  summary:
    'Converts to a string: bytes and ids as hex, durations as nanoseconds, all else as JSON shows it; nil stays nil.',
  params: { target: p.stringLike },
  returns: 'string',
  deviation: 'Trace and span ids become hex, where the Collector writes a list of their bytes.',
  examples: [
    { code: 'String("test")', result: 'test' },
    { code: 'String(42)', result: '42' },
    { code: 'String(1.5)', result: '1.5' },
    { code: 'String([1, 2, "a"])', result: '[1,2,"a"]' },
    { code: 'String(0x0102)', result: '0102' },
    { code: 'String(Duration("1s"))', result: '1000000000' },
    { code: 'String(attributes["missing"])', result: null },
  ],
  make: ({ target }) => target,
});
