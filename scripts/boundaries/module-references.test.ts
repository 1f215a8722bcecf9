import { expect, test } from 'vitest';
import { findModuleReferences } from './module-references.ts';

const specifiers = (source: string): string[] => findModuleReferences(source).map(({ specifier }) => specifier);

test.each([
  [`import 'side-effect'`, 'side-effect', 'import'],
  [`import x from "default"`, 'default', 'import'],
  [`import * as ns from 'namespace';`, 'namespace', 'import'],
  [`import x, { type Y as z } from 'both'`, 'both', 'import'],
  [`import type { A } from 'types'`, 'types', 'import'],
  [`import type from 'named-type'`, 'named-type', 'import'],
  [`import from from 'named-from'`, 'named-from', 'import'],
  [`import { a as from } from 'inner-from'`, 'inner-from', 'import'],
  [`import data from './x.json' with { type: 'json' }`, './x.json', 'import'],
  [`import{a}from'minified'`, 'minified', 'import'],
  [`export * from 'star'`, 'star', 'export'],
  [`export * as ns from 'star-as'`, 'star-as', 'export'],
  [`export { default as a, type B } from 'named'`, 'named', 'export'],
  [`export type { A } from 'type-export'`, 'type-export', 'export'],
  [`const m = await import('dynamic')`, 'dynamic', 'dynamic'],
  ['const m = await import(`template`)', 'template', 'dynamic'],
  [`const m = import('with', { with: {} })`, 'with', 'dynamic'],
  [`let x: import('in-type').X;`, 'in-type', 'dynamic'],
  [`import old = require('old')`, 'old', 'dynamic'],
  [`const r = require('cjs')`, 'cjs', 'dynamic'],
  [`require.resolve('cjs-resolve')`, 'cjs-resolve', 'dynamic'],
  [`import.meta.resolve('meta')`, 'meta', 'dynamic'],
])('%s names a module', (source, specifier, kind) => {
  expect(findModuleReferences(source)).toEqual([{ specifier, kind, line: 1 }]);
});

test.each([
  [`// import 'comment'`],
  [`/* import 'comment'\n import "b" */`],
  [`const s = "import 'in-string'"`],
  [`const s = 'it\\'s import "escaped"'`],
  ["const t = `import 'in-template' ${1 + 1} from 'x'`"],
  ["const t = `a ${ { b: `import 'nested'` }.b } import 'after'`"],
  [`const r = /import 'regex'/.exec(x)`],
  [`const r = /[/'"]import 'class'/`],
  [`loader.import('method')`],
  [`loader?.require('method')`],
  [`const o = { import: 'key', from: 'x' }`],
  [`export const from = 'value'`],
  [`export default { from: 'x' }`],
  [`export { a, b }; const from = 'x'`],
  [`export type From = 'from' | 'x'`],
  [`await import(name)`],
  ['await import(`./${name}.ts`)'],
  [`await import('./' + name)`],
  [`const { url } = import.meta; f('x')`],
])('%s names none', (source) => {
  expect(specifiers(source)).toEqual([]);
});

test('code after a division, a regular expression or a template is still read', () => {
  expect(specifiers(`const a = b / c; import 'one'; const d = (1) / 2 / 3`)).toEqual(['one']);
  expect(specifiers(`const q = /['"\`]/g; import 'two'`)).toEqual(['two']);
  expect(specifiers("const t = `${a}'${b}` / 2; import 'three' // `")).toEqual(['three']);
  expect(specifiers('const t = `${ await import("inside") }`')).toEqual(['inside']);
  expect(specifiers(`#!/usr/bin/env node\nimport 'four'`)).toEqual(['four']);
});

test('the line of a reference is the line of its keyword', () => {
  const source = "/*\n\n*/ const t = `\n\n`;\nimport {\n  a,\n} from 'x';\nexport * from 'y';";
  expect(findModuleReferences(source).map(({ line }) => line)).toEqual([6, 9]);
});

test('an unfinished file ends the search instead of hanging it', () => {
  for (const source of ['import { a', "const s = 'open", 'const t = `open ${', '/* open', 'import(', '#!']) {
    expect(specifiers(source)).toEqual([]);
  }
});
