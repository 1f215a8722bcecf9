import { compilePattern, type Pattern } from '@millrace/pattern';
import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';

export const keepMatchingKeys = defineFunction({
  name: 'keep_matching_keys',
  kind: 'editor',
  summary: 'Removes from a map all keys that do not match a regular expression.',
  params: { target: p.mapTarget, pattern: p.string },
  examples: [
    {
      code: 'keep_matching_keys(attributes, "(?i).*version.*")',
      given: { attributes: { 'service.version': '1', user: 'u' } },
      after: { attributes: { 'service.version': '1' } },
    },
    {
      code: 'keep_matching_keys(body["missing"], "^a")',
      given: { body: new Map() },
      fails: 'expected pcommon.Map but got nil',
    },
    { code: 'keep_matching_keys(attributes, "(")', invalid: 'keep_matching_keys' },
  ],
  make: ({ target, pattern }) => {
    const patternOf = derived(pattern, compilePattern);
    let current: Pattern;
    const differs = (key: string): boolean => !current.test(key);
    const change = (map: MapEditor, frame: Frame): void => {
      current = patternOf(frame);
      map.deleteWhere(differs);
    };
    return (frame) => target.edit(frame, change);
  },
});
