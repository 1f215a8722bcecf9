/** The regression gate finds what to compare with in every kind of clone, or says why it cannot. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findBase, type Git } from '../benchmarks/gate/find-base.ts';
import { suspect } from '../benchmarks/gate/suspicion.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const IDENTITY = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgsign=false'];

function gitIn(folder: string): Git {
  return (args) =>
    execFileSync('git', [...IDENTITY, ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
}

function repository(commits: number): { readonly git: Git; readonly folder: string } {
  const folder = temporaryFolder();
  const git = gitIn(folder);
  git(['init', '--quiet', '--initial-branch=main']);
  for (let index = 0; index < commits; index++) commit(folder, 'packages/otlp/src/wire.ts');
  return { git, folder };
}

/** Changes a file, and commits it. */
function commit(folder: string, file: string): void {
  mkdirSync(join(folder, dirname(file)), { recursive: true });
  appendFileSync(join(folder, file), 'a line\n');
  const git = gitIn(folder);
  git(['add', file]);
  git(['commit', '--quiet', '-m', file]);
}

test('a branch is compared with its merge base', () => {
  const { folder, git } = repository(2);
  const base = git(['rev-parse', 'HEAD']);
  git(['checkout', '--quiet', '-b', 'topic']);
  commit(folder, 'plugins/exporter-otlp/src/index.ts');
  expect(findBase(undefined, git)).toEqual({ revision: base, reason: 'merge base with main' });
});

test('the main branch is compared with the commit before', () => {
  const { git } = repository(2);
  expect(findBase(undefined, git)).toEqual({ revision: git(['rev-parse', 'HEAD^']), reason: 'the commit before main' });
});

test('a named revision goes first, and has to exist', () => {
  const { git } = repository(3);
  expect(findBase('HEAD~2', git).revision).toBe(git(['rev-parse', 'HEAD~2']));
  expect(() => findBase('nowhere', git)).toThrow('nowhere');
});

test('the first commit has nothing before it', () => {
  expect(findBase(undefined, repository(1).git)).toEqual({
    revision: undefined,
    reason: 'there is no commit before this one here',
  });
  expect(findBase(undefined, repository(0).git).revision).toBeUndefined();
});

test('a shallow clone of a branch says that it is one', () => {
  const { folder, git } = repository(2);
  git(['checkout', '--quiet', '-b', 'topic']);
  commit(folder, 'plugins/exporter-otlp/src/index.ts');
  const clone = join(temporaryFolder(), 'clone');
  git(['clone', '--quiet', '--depth=1', '--branch=topic', `file://${folder}`, clone]);
  const { revision, reason } = findBase(undefined, gitIn(clone));
  expect(revision).toBeUndefined();
  expect(reason).toContain('shallow');
});

test.each(['docs/guide/otlp.md', 'packages/otlp/src/wire.test.ts', 'packages/otlp/src/testing/oracle.ts'])(
  'a change of %s is not measured: no collector differs by it',
  (file) => {
    const { folder, git } = repository(2);
    commit(folder, file);
    const { revision, reason } = findBase(undefined, git);
    expect(revision).toBeUndefined();
    expect(reason).toMatch(/^nothing that runs has changed since [0-9a-f]{10} \(the commit before main\)$/);
  },
);

test('what is checked out is not compared with itself, and with its changes it is', () => {
  const { folder, git } = repository(2);
  expect(findBase('HEAD', git).reason).toContain('nothing that runs has changed');
  appendFileSync(join(folder, 'packages/otlp/src/wire.ts'), 'another line\n');
  expect(findBase('HEAD', git).revision).toBe(git(['rev-parse', 'HEAD']));
});

test('the shallowest clone of the main branch has nothing to compare with', () => {
  const clone = join(temporaryFolder(), 'clone');
  const { folder, git } = repository(3);
  git(['clone', '--quiet', '--depth=1', `file://${folder}`, clone]);
  expect(findBase(undefined, gitIn(clone))).toEqual({
    revision: undefined,
    reason: 'there is no commit before this one here',
  });
});

/** Gives prepared ratios, those of one measurement after the other, and notes for how many rounds each was asked. */
function prepared(...measurements: readonly (readonly number[])[]) {
  const asked: number[] = [];
  const measure = (rounds: number) => Promise.resolve(measurements[asked.push(rounds) - 1]);
  return { asked, verdict: () => suspect(measure, { bound: 1.5, rounds: 3 }) };
}

test('what is within the bound is measured once', async () => {
  const { asked, verdict } = prepared([1.4, 9, 0.8]);
  expect(await verdict()).toMatchObject({ isSlower: false, median: 1.4 });
  expect(asked).toEqual([3]);
});

test('one bad moment is no regression: what looks slower is measured again, for longer', async () => {
  const { asked, verdict } = prepared([2, 2, 2], [1.6, 1.7, 1.8], [1, 1.1, 1]);
  expect((await verdict()).isSlower).toBe(false);
  expect(asked).toEqual([3, 6, 12]);
});

test.each([[[1.6, 1.7, 1.8]], [[Number.NaN, Number.NaN]]])('%j each time is one', async (ratios) => {
  const { asked, verdict } = prepared(ratios, ratios, ratios, [1]);
  expect((await verdict()).isSlower).toBe(true);
  expect(asked).toHaveLength(3);
});
