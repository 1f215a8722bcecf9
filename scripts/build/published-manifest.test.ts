import { expect, test } from 'vitest';
import { publishedManifest } from './published-manifest.ts';

test('exports lead to compiled files and their types; what is not compiled, and what only the checkout needs, is left out', () => {
  const source = {
    name: '@millrace/some',
    description: 'Something',
    version: '1.2.3',
    exports: { '.': './src/index.ts', './deep': './src/deep/thing.ts', './testing': './src/testing/index.ts' },
    files: ['dist'],
    dependencies: { '@millrace/api': '1.2.3' },
    devDependencies: { vitest: '5' },
    scripts: { test: 'vitest' },
  };
  const compiled = new Set(['./dist/index.js', './dist/deep/thing.js']);
  expect(publishedManifest(source, (file) => compiled.has(file))).toEqual({
    name: '@millrace/some',
    description: 'Something',
    version: '1.2.3',
    files: ['dist'],
    dependencies: { '@millrace/api': '1.2.3' },
    engines: { node: '>=24' },
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './deep': { types: './dist/deep/thing.d.ts', default: './dist/deep/thing.js' },
      './package.json': './package.json',
    },
    publishConfig: { access: 'public' },
  });
});
