import { compilePattern, type Pattern } from '@millrace/pattern';
import type { Frame } from '../../compile/frame.ts';
import { defineFunction } from '../../function/define-function.ts';
import { replaceAll, type Template } from '../../function/expand-template.ts';
import { derived } from '../../function/getter.ts';
import type { MapEditor } from '../../function/map-editor.ts';
import * as p from '../../function/parameters.ts';
import { compileReplacement } from '../../function/replacement.ts';
import type { Value } from '../../value/value.ts';

export const replaceAllPatterns = defineFunction({
  name: 'replace_all_patterns',
  kind: 'editor',
  summary: 'Replaces, in all string values or in all keys of a map, every part that matches a regular expression.',
  params: {
    target: p.mapTarget,
    mode: p.literalString,
    regexPattern: p.string,
    replacement: p.string,
    function: p.optional(p.converter),
    replacementFormat: p.optional(p.string),
  },
  examples: [
    {
      code: 'replace_all_patterns(attributes, "value", "/account/\\\\d{4}", "/account/{accountId}")',
      given: { attributes: { path: '/account/1234/x', n: 1n } },
      after: { attributes: { path: '/account/{accountId}/x', n: 1n } },
    },
    {
      code: 'replace_all_patterns(attributes, "key", "^kube_([0-9A-Za-z]+_)", "k8s.$1.")',
      given: { attributes: { kube_pod_name: 'p', other: 1n } },
      after: { attributes: { 'k8s.pod_.name': 'p', other: 1n } },
    },
    {
      code: 'replace_all_patterns(body, "value", "a", "b")',
      given: { body: 1n },
      fails: 'expected pcommon.Map but got int64',
    },
    { code: 'replace_all_patterns(attributes, "both", "a", "b")', invalid: 'mode must be key or value, not "both"' },
    { code: 'replace_all_patterns(attributes, "key", "(", "b")', invalid: 'replace_all_patterns' },
  ],
  make: ({ target, mode, regexPattern, ...how }) => {
    if (mode !== 'key' && mode !== 'value') throw new Error(`mode must be key or value, not "${mode}"`);
    const patternOf = derived(regexPattern, compilePattern);
    const replacementOf = compileReplacement(patternOf, how);
    let pattern: Pattern;
    let replacement: Template;
    const replace = (text: string): string => replaceAll(pattern, text, replacement);
    const change = (map: MapEditor, frame: Frame): void => {
      pattern = patternOf(frame);
      replacement = replacementOf(frame);
      if (mode === 'value') map.changeStrings(replace);
      else changeKeys(map, replace);
    };
    return (frame) => target.edit(frame, change);
  },
});

function changeKeys(map: MapEditor, change: (key: string) => string): void {
  const keys = map.keys();
  const changed = keys.map(change);
  if (changed.every((key, i) => key === keys[i])) return;
  const entries = map.entries();
  const renamed = new Map<string, Value>();
  for (const [i, key] of keys.entries()) renamed.set(changed[i], entries.get(key) ?? null);
  map.replace(renamed);
}
