import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { isList, typeName, type Value } from '../../value/value.ts';

export const append = defineFunction({
  name: 'append',
  kind: 'editor',
  summary: 'Appends values to a list. A scalar becomes the first element of one, and what does not exist an empty one.',
  details: 'A `value` that is a list is appended element by element. The elements keep their types.',
  params: { target: p.getSetter, value: p.optional(p.value), values: p.optional(p.list(p.value)) },
  examples: [
    {
      code: 'append(attributes["tags"], "prod")',
      given: { attributes: { tags: ['staging'] } },
      after: { attributes: { tags: ['staging', 'prod'] } },
    },
    {
      title: 'several, to what is no list yet',
      code: 'append(attributes["tags"], values = ["a", 2])',
      given: { attributes: { tags: 'first' } },
      after: { attributes: { tags: ['first', 'a', 2n] } },
    },
    { code: 'append(attributes["tags"], "new")', after: { attributes: { tags: ['new'] } } },
    {
      code: 'append(attributes["m"], 1)',
      given: { attributes: { m: new Map() } },
      fails: 'cannot append to pcommon.Map',
    },
    { code: 'append(attributes["tags"])', invalid: 'value or values' },
  ],
  make: ({ target, value, values = [] }) => {
    if (value === undefined && values.length === 0) throw new Error('one of value or values must be given');
    return (frame) => {
      const list = listOf(target.get(frame));
      const added = value?.(frame);
      if (added !== undefined && isList(added)) for (const each of added) list.push(each);
      else if (added !== undefined) list.push(added);
      for (const each of values) list.push(each(frame));
      target.set(frame, list);
    };
  },
});

function listOf(current: Value): Value[] {
  if (current === null) return [];
  if (isList(current)) return [...current];
  if (typeof current === 'object') throw new OttlRuntimeError(`cannot append to ${typeName(current)}`);
  return [current];
}
