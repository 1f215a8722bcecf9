import { expect, test } from 'vitest';
import { maskJsonValues } from './json-values.ts';

test.each([
  [
    '{"find":"users","filter":{"age":{"$gt":30},"n":["a",1,null,true]}}',
    '{"find":"?","filter":{"age":{"$gt":"?"},"n":["?","?","?","?"]}}',
  ],
  ['[1,"a",{"b":2}]', '["?","?",{"b":"?"}]'],
  ['"x"', '"?"'],
  ['12', '"?"'],
  [' { "a b" : "c" , "d" : [ ] } ', '{"a b":"?","d":[]}'],
  ['{"a\\"b:":"c\\",:d"}', '{"a\\"b:":"?"}'],
  ['{"a":-1.5e3,"a":2}', '{"a":"?","a":"?"}'],
  ['{"a":', '{"a":'],
  ['find users', 'find users'],
  ['', ''],
])('%j becomes %j', (text, masked) => {
  expect(maskJsonValues(text)).toBe(masked);
});
