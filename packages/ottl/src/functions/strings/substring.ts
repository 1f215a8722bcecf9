import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { unitsWithin } from '../../value/utf8.ts';

export const substring = defineFunction({
  name: 'Substring',
  kind: 'converter',
  summary: 'A part of a string: from a byte of its UTF-8 on, and so many bytes long.',
  details:
    'A start in the middle of a character moves to the next one, and an end back to the one before: the result may be shorter.',
  deviation: 'Characters are never cut in the middle, with `utf8_safe` false neither: strings are always valid UTF-8.',
  params: { target: p.string, start: p.int, length: p.int, utf8Safe: p.optional(p.literalBool) },
  returns: 'string',
  examples: [
    { code: 'Substring("123456789", 0, 3)', result: '123' },
    { code: 'Substring("一二三", 0, 4, true)', result: '一' },
    { code: 'Substring("123", 2, 2)', fails: 'start(2)+length(2) is beyond the 3 bytes of the string' },
    { code: 'Substring("123", 0, 0)', fails: 'length must be positive' },
    { code: 'Substring(attributes["missing"], 0, 1)', fails: 'expected string but got nil' },
  ],
  make:
    ({ target, start, length }) =>
    (frame) => {
      const from = start(frame);
      const count = length(frame);
      if (from < 0n) throw new OttlRuntimeError(`start must not be negative, it is ${from}`);
      if (count <= 0n) throw new OttlRuntimeError(`length must be positive, it is ${count}`);
      return cut(target(frame), from, from + count);
    },
});

function cut(text: string, from: bigint, to: bigint): string {
  const bytes = Buffer.byteLength(text);
  if (to > BigInt(bytes))
    throw new OttlRuntimeError(`start(${from})+length(${to - from}) is beyond the ${bytes} bytes of the string`);
  if (bytes === text.length) return text.slice(Number(from), Number(to));
  let start = unitsWithin(text, Number(from));
  const isInside = Buffer.byteLength(text.slice(0, start)) < Number(from);
  if (isInside) start += text.codePointAt(start)! > 0xffff ? 2 : 1;
  return text.slice(start, Math.max(start, unitsWithin(text, Number(to))));
}
