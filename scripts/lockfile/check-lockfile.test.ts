import { expect, test } from 'vitest';
import { checkLockfile, type Lockfile, type Manifests } from './check-lockfile.ts';

/** A workspace of one package, whose parts each test may replace before it spoils something. */
function workspace(change: (packages: Record<string, Record<string, unknown>>) => void = () => {}) {
  const root = { name: 'root', version: '0.0.0', devDependencies: { tool: '2.0.0' } };
  const ours = { name: '@x/a', version: '0.1.0', dependencies: { lib: '^1.0.0' }, bin: { a: './src/cli.ts' } };
  const packages: Record<string, Record<string, unknown>> = {
    '': structuredClone(root),
    'packages/a': { ...structuredClone(ours), bin: { a: 'src/cli.ts' } },
    'node_modules/@x/a': { resolved: 'packages/a', link: true },
    'node_modules/lib': { version: '1.2.0', integrity: 'sha512-a', dependencies: { inner: '1' } },
    'node_modules/lib/node_modules/inner': { version: '1.0.0', integrity: 'sha512-b' },
    'node_modules/tool': {
      version: '2.0.0',
      integrity: 'sha512-c',
      dependencies: { 'tool-linux': '2.0.0' },
      optionalDependencies: { 'tool-linux': '2.0.0' },
      peerDependencies: { lib: '1', absent: '1' },
      peerDependenciesMeta: { absent: { optional: true } },
    },
  };
  change(packages);
  const lock = { lockfileVersion: 3, packages } as Lockfile;
  const manifests = new Map<string, object>([
    ['', root],
    ['packages/a', ours],
  ]) as Manifests;
  return checkLockfile(lock, manifests);
}

test('a lock file that fits is accepted', () => {
  expect(workspace()).toEqual([]);
});

const spoilt: [title: string, change: Parameters<typeof workspace>[0], problem: RegExp][] = [
  [
    'a download address',
    (p) => (p['node_modules/lib'].resolved = 'https://r.example/lib.tgz'),
    /lib names the address/,
  ],
  ['a missing checksum', (p) => delete p['node_modules/lib'].integrity, /lib has no checksum/],
  ['another range', (p) => (p['packages/a'].dependencies = { lib: '^2.0.0' }), /packages\/a.*"dependencies" differs/],
  ['another version', (p) => (p['packages/a'].version = '0.2.0'), /"version" differs/],
  ['a dependency that was removed', (p) => (p[''].devDependencies = { tool: '2.0.0', old: '1' }), /"devDependencies"/],
  ['a missing workspace package', (p) => delete p['packages/a'], /packages\/a\/package.json is not in/],
  ['a workspace package without its link', (p) => delete p['node_modules/@x/a'], /does not link node_modules\/@x\/a/],
  ['a workspace package that is gone', (p) => (p['packages/b'] = { version: '1' }), /knows packages\/b/],
  ['a missing dependency', (p) => delete p['node_modules/lib'], /packages\/a needs lib/],
  ['a missing inner dependency', (p) => delete p['node_modules/lib/node_modules/inner'], /lib needs inner/],
  ['a missing development dependency', (p) => delete p['node_modules/tool'], /package.json needs tool/],
];

test.each(spoilt)('%s is reported', (_title, change, problem) => {
  expect(workspace(change).join('\n')).toMatch(problem);
});

test('an older format is reported', () => {
  expect(checkLockfile({ lockfileVersion: 2, packages: {} }, new Map())).toHaveLength(1);
});
