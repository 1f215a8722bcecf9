import { describe, expect, test } from 'vitest';
import { readApi } from './api-report.ts';

const files = new Map([
  [
    'p/src/index.d.ts',
    "export * from './one.js';\nexport { two as deux, type Three } from './two.js';\nexport type { Four } from './two.js';\n",
  ],
  [
    'p/src/one.d.ts',
    "import type { Three } from './two.js';\ninterface Hidden {\n    readonly three: Three;\n}\nexport declare function one(hidden: Hidden): void;\nexport type One = 1;\nexport declare function one(): void;\n",
  ],
  [
    'p/src/two.d.ts',
    'export declare const two: Inner;\nexport interface Three {\n}\nexport interface Four {\n}\ninterface Inner extends Deep {\n}\ninterface Deep {\n}\ninterface Unused {\n}\nexport {};\n',
  ],
]);

describe('the report of an API', () => {
  test('has every exported declaration by name, overloads together, and what they refer to', () => {
    const { exported, behind } = readApi(files, 'p/src/index.d.ts');
    expect(exported).toEqual([
      'export interface Four {\n}',
      'export type One = 1;',
      'export interface Three {\n}',
      'export declare const two: Inner;',
      'export declare function one(hidden: Hidden): void;',
      'export declare function one(): void;',
    ]);
    expect(behind).toEqual([
      'interface Deep {\n}',
      'interface Hidden {\n    readonly three: Three;\n}',
      'interface Inner extends Deep {\n}',
    ]);
  });

  test('does not pass over an export that is nowhere', () => {
    const broken = new Map([...files, ['p/src/index.d.ts', "export { gone } from './two.js';\n"]]);
    expect(() => readApi(broken, 'p/src/index.d.ts')).toThrow('exports gone, which p/src/two.d.ts does not declare');
  });
});
