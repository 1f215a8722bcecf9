import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';

export const deleteIndex = defineFunction({
  name: 'delete_index',
  kind: 'editor',
  summary: 'Removes the elements of a list from startIndex up to, but not including, endIndex; one without endIndex.',
  params: { target: p.listTarget, startIndex: p.int, endIndex: p.optional(p.int) },
  examples: [
    {
      code: 'delete_index(attributes["tags"], 0)',
      given: { attributes: { tags: ['a', 'b', 'c'] } },
      after: { attributes: { tags: ['b', 'c'] } },
    },
    {
      title: 'the first two',
      code: 'delete_index(attributes["tags"], 0, 2)',
      given: { attributes: { tags: ['a', 'b', 'c'] } },
      after: { attributes: { tags: ['c'] } },
    },
    {
      code: 'delete_index(attributes["tags"], 1)',
      given: { attributes: { tags: ['a'] } },
      fails: 'startIndex 1 out of bounds for slice of length 1',
    },
    { code: 'delete_index(attributes["missing"], 0)', fails: 'expected pcommon.Slice but got nil' },
  ],
  make:
    ({ target, startIndex, endIndex }) =>
    (frame) => {
      const list = target.get(frame);
      const start = startIndex(frame);
      const end = endIndex?.(frame) ?? start + 1n;
      if (start === 0n && end === BigInt(list.length)) return target.set(frame, []);
      checkBounds(start, end, list.length);
      if (start !== end) target.set(frame, list.toSpliced(Number(start), Number(end - start)));
    },
});

function checkBounds(start: bigint, end: bigint, length: number): void {
  if (start < 0n || start >= BigInt(length))
    throw new OttlRuntimeError(`startIndex ${start} out of bounds for slice of length ${length}`);
  if (end < start) throw new OttlRuntimeError(`endIndex ${end} cannot be less than startIndex ${start}`);
  if (end > BigInt(length))
    throw new OttlRuntimeError(`deletion range [${start}:${end}] out of bounds for slice of length ${length}`);
}
