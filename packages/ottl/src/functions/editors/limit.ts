import { defineFunction } from '../../function/define-function.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';

export const limit = defineFunction({
  name: 'limit',
  kind: 'editor',
  summary: 'Removes entries of a map until no more than a limit are left. Priority keys stay.',
  deviation: 'Which entries are removed is not random: the last ones are.',
  params: { target: p.mapTarget, limit: p.literalInt, priorityKeys: p.list(p.literalString) },
  examples: [
    {
      code: 'limit(attributes, 2, ["c"])',
      given: { attributes: { a: 1n, b: 2n, c: 3n } },
      after: { attributes: { a: 1n, c: 3n } },
    },
    { code: 'limit(attributes, 0, [])', given: { attributes: { a: 1n } }, after: { attributes: {} } },
    { code: 'limit(body, 1, [])', given: { body: 'text' }, fails: 'expected pcommon.Map but got string' },
    { code: 'limit(attributes, 1, ["a", "b"])', invalid: '2 priority keys are more than the limit of 1' },
  ],
  make: ({ target, limit: limitGiven, priorityKeys }) => {
    const entriesMax = Number(limitGiven);
    if (entriesMax < 0) throw new Error(`limit must not be negative, it is ${limitGiven}`);
    if (priorityKeys.length > entriesMax)
      throw new Error(`${priorityKeys.length} priority keys are more than the limit of ${entriesMax}`);
    const priority = new Set(priorityKeys);
    let free = 0;
    const isOver = (key: string): boolean => !priority.has(key) && free-- <= 0;
    const change = (map: MapEditor): void => {
      if (map.size <= entriesMax) return;
      free = entriesMax;
      for (const key of priority) if (map.has(key)) free--;
      map.deleteWhere(isOver);
    };
    return (frame) => target.edit(frame, change);
  },
});
