import { expect, test } from 'vitest';
import { globPattern } from './glob.ts';

test.each([
  ['a.b', ['a.b'], ['a-b', 'a.b.c', 'xa.b']],
  ['k8s.*.name', ['k8s.pod.name', 'k8s..name'], ['k8s.a.b.name', 'k8s.name']],
  ['db.**.name', ['db.a.name', 'db.a.b.name'], ['db.name']],
  ['**', ['', 'a.b'], []],
  ['http.?', ['http.a'], ['http.', 'http.ab', 'http..']],
  ['{http,rpc}.method', ['http.method', 'rpc.method'], ['{http,rpc}.method', 'db.method']],
  ['a{b,{c,d}e}', ['ab', 'ace', 'ade'], ['abe', 'ac']],
  ['[a-c]x', ['ax', 'cx'], ['dx', '-x']],
  ['[!a-c]x', ['dx'], ['ax']],
  [String.raw`a\*b`, ['a*b'], ['axb']],
  ['a,b', ['a,b'], ['a', 'b']],
  ['a+(b)|c^$', ['a+(b)|c^$'], ['aab']],
])('%s', (glob, matching, others) => {
  const pattern = globPattern(glob);
  expect(matching.filter((name) => !pattern.test(name))).toEqual([]);
  expect(others.filter((name) => pattern.test(name))).toEqual([]);
});

test.each(['{a', '[z-a]'])('%s is none', (glob) => {
  expect(() => globPattern(glob)).toThrow(SyntaxError);
});
