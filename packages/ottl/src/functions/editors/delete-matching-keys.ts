import { compilePattern, type Pattern } from '@millrace/pattern';
import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';

export const deleteMatchingKeys = defineFunction({
  name: 'delete_matching_keys',
  kind: 'editor',
  summary: 'Removes from a map all keys that match a regular expression.',
  params: { target: p.mapTarget, pattern: p.string },
  examples: [
    {
      code: 'delete_matching_keys(attributes, "(?i).*password.*")',
      given: { attributes: { userPassword: 'x', user: 'u' } },
      after: { attributes: { user: 'u' } },
    },
    {
      code: 'delete_matching_keys(body, "^tmp")',
      given: { body: 'text' },
      fails: 'expected pcommon.Map but got string',
    },
    { code: 'delete_matching_keys(attributes, "(")', invalid: 'delete_matching_keys' },
  ],
  make: ({ target, pattern }) => {
    const patternOf = derived(pattern, compilePattern);
    let current: Pattern;
    const matches = (key: string): boolean => current.test(key);
    const change = (map: MapEditor, frame: Frame): void => {
      current = patternOf(frame);
      map.deleteWhere(matches);
    };
    return (frame) => target.edit(frame, change);
  },
});
