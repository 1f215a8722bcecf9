import { expect, test } from 'vitest';
import { checkFacade } from './check-facade.ts';
import { checkFile, type Rule } from './check-file.ts';
import { ALLOWED, describePackage, mayImport, type House, type HousePackage } from './house.ts';

const pkg = (
  folder: string,
  name: string,
  dependencies: string[] = [],
  devDependencies: string[] = [],
): HousePackage => {
  const versions = (names: string[]) => Object.fromEntries(names.map((each) => [each, '1.0.0']));
  return describePackage(folder, {
    name,
    exports: { '.': './src/index.ts', ...(name === '@millrace/otlp' && { './testing': './src/testing.ts' }) },
    dependencies: versions(dependencies),
    devDependencies: versions(devDependencies),
  });
};

const house: House = {
  root: pkg('', 'workspace', [], ['vitest', 'fast-check']),
  packages: [
    pkg('packages/api', '@millrace/api', ['@millrace/otlp', 'typebox']),
    pkg('packages/engine', '@millrace/engine', ['@millrace/api', 'piscina'], ['@millrace/processor-filter']),
    pkg('packages/millrace', 'millrace', ['@millrace/engine', '@millrace/processor-filter']),
    pkg('packages/otlp', '@millrace/otlp'),
    pkg('packages/testkit', '@millrace/testkit', ['@millrace/engine']),
    pkg('packages/workers', '@millrace/workers', ['@millrace/api', 'piscina']),
    pkg(
      'plugins/processor-filter',
      '@millrace/processor-filter',
      ['@millrace/api', '@millrace/engine', '@millrace/processor-drop'],
      ['@millrace/testkit'],
    ),
    pkg('plugins/processor-drop', '@millrace/processor-drop', ['@millrace/testkit']),
  ],
};

const rules = (file: string, source: string): Rule[] => checkFile({ file, source }, house).map(({ rule }) => rule);

const filter = 'plugins/processor-filter/src/filter.ts';
const filterTest = 'plugins/processor-filter/src/filter.test.ts';
const batch = 'packages/api/src/batch.ts';
const batchTest = 'packages/api/src/batch.test.ts';

const refused: [title: string, file: string, source: string, rule: Rule][] = [
  ['a plugin that imports the engine', filter, `import { Engine } from '@millrace/engine';`, 'forbidden-dependency'],
  [
    'a plugin that imports only a type of it',
    filter,
    `import type { E } from '@millrace/engine';`,
    'forbidden-dependency',
  ],
  ['a plugin that loads it late', filter, `const e = await import('@millrace/engine');`, 'forbidden-dependency'],
  ['a plugin that imports the facade', filter, `import 'millrace';`, 'forbidden-dependency'],
  ['a plugin that imports another plugin', filter, `import '@millrace/processor-drop';`, 'forbidden-dependency'],
  ['a plugin whose code imports the testkit', filter, `import '@millrace/testkit';`, 'forbidden-dependency'],
  ['a lower package that imports a higher', batch, `import '@millrace/engine';`, 'forbidden-dependency'],
  [
    'a package that imports a plugin',
    'packages/engine/src/a.ts',
    `import '@millrace/processor-filter';`,
    'forbidden-dependency',
  ],
  ['Piscina outside workers', 'packages/engine/src/a.ts', `import { Piscina } from 'piscina';`, 'forbidden-dependency'],
  ['a relative import of another package', batch, `import '../../otlp/src/wire.ts';`, 'leaves-package'],
  ['a relative import of the root', batch, `import '../../../scripts/test.ts';`, 'leaves-package'],
  ['a relative import out of the checkout', batch, `import '../../../../x.ts';`, 'leaves-package'],
  ['an absolute import', batch, `import '/x.ts';`, 'leaves-package'],
  ['a script that reaches into a package', 'scripts/x.ts', `import '../packages/api/src/batch.ts';`, 'leaves-package'],
  ['a deep import', batch, `import '@millrace/otlp/src/wire.ts';`, 'deep-import'],
  ['a package that is not declared', batch, `import 'yaml';`, 'undeclared-dependency'],
  ['a scoped package that is not declared', batch, `import '@scope/x/y';`, 'undeclared-dependency'],
  [
    'an allowed package of ours that is not declared',
    'packages/workers/src/a.ts',
    `import '@millrace/otlp';`,
    'undeclared-dependency',
  ],
  ['a development dependency outside tests', batch, `import 'fast-check';`, 'undeclared-dependency'],
  ['a package that not even the root declares', batchTest, `import 'yaml';`, 'undeclared-dependency'],
  ['a script that imports what the root does not declare', 'scripts/x.ts', `import 'yaml';`, 'undeclared-dependency'],
  ['code that imports a test', batch, `import './batch.test.ts';`, 'test-code'],
  ['code that imports test material', batch, `import './testing/oracle.ts';`, 'test-code'],
  ['a re-export outside index.ts', batch, `export { x } from './x.ts';`, 'barrel'],
  ['a second index.ts', 'packages/api/src/config/index.ts', `export const x = 1;`, 'barrel'],
];

test.each(refused)('%s is refused', (_title, file, source, rule) => {
  expect(rules(file, source)).toEqual([rule]);
});

const accepted: [title: string, file: string, source: string][] = [
  ['a plugin that imports the public interface', filter, `import { defineProcessor } from '@millrace/api';`],
  ["a plugin's test that imports the testkit", filterTest, `import { conformance } from '@millrace/testkit';`],
  ['the facade that imports a plugin', 'packages/millrace/src/registry.ts', `import '@millrace/processor-filter';`],
  ["a package's test that imports a plugin", 'packages/engine/src/a.test.ts', `import '@millrace/processor-filter';`],
  ['Piscina in workers', 'packages/workers/src/pool.ts', `import { Piscina } from 'piscina';`],
  ['a declared package and its subpath', batch, `import 'typebox'; import 'typebox/value';`],
  ['an exported subpath of ours', batch, `import '@millrace/otlp/testing';`],
  ['a module of Node', batch, `import fs from 'node:fs/promises';`],
  ['a development dependency of the root in a test', batchTest, `import fc from 'fast-check';`],
  ['a development dependency of the root in test material', 'packages/api/src/testing/a.ts', `import 'fast-check';`],
  ['a neighbour', batch, `import { x } from './x.ts'; import '../package.json';`],
  ['re-exports in src/index.ts', 'packages/api/src/index.ts', `export * from './batch.ts';`],
  ['a whole-process test that imports everything', 'test/x.test.ts', `import '@millrace/engine'; import 'vitest';`],
  ['a micro benchmark of an inner function', 'benchmarks/micro/x.ts', `import '../../packages/api/src/batch.ts';`],
];

test.each(accepted)('%s is accepted', (_title, file, source) => {
  expect(checkFile({ file, source }, house)).toEqual([]);
});

test('a violation says where it is and what to do', () => {
  const [violation] = checkFile({ file: batch, source: `\nimport '../../otlp/src/wire.ts';` }, house);
  expect(violation).toMatchObject({ file: batch, line: 2 });
  expect(violation?.advice).toContain('import "@millrace/otlp"');
});

test('the table of allowed imports has no cycle', () => {
  const reaches = (from: string, goal: string): boolean =>
    (ALLOWED[from] ?? []).some((next) => next === goal || reaches(next, goal));
  for (const name of Object.keys(ALLOWED)) expect(reaches(name, name), name).toBe(false);
});

test('a package that the table does not know may import none of ours', () => {
  const [stranger, otlp] = [pkg('packages/stranger', '@millrace/stranger'), house.packages[3]];
  expect(mayImport(stranger, otlp, false)).toBe(false);
});

test('a built-in plugin that the facade does not depend on is reported', () => {
  const missing = checkFacade(house);
  expect(missing).toMatchObject([{ file: 'packages/millrace/package.json', rule: 'undeclared-dependency' }]);
  expect(missing[0].advice).toContain('@millrace/processor-drop');
});
