/** The regression gate finds what to compare with in every kind of clone, or says why it cannot. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findBase, type Git } from '../benchmarks/gate/find-base.ts';
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
  for (let index = 0; index < commits; index++) git(['commit', '--quiet', '--allow-empty', '-m', String(index)]);
  return { git, folder };
}

test('a branch is compared with its merge base', () => {
  const { git } = repository(2);
  const base = git(['rev-parse', 'HEAD']);
  git(['checkout', '--quiet', '-b', 'topic']);
  git(['commit', '--quiet', '--allow-empty', '-m', 'topic']);
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
  git(['commit', '--quiet', '--allow-empty', '-m', 'topic']);
  const clone = join(temporaryFolder(), 'clone');
  git(['clone', '--quiet', '--depth=1', '--branch=topic', `file://${folder}`, clone]);
  const { revision, reason } = findBase(undefined, gitIn(clone));
  expect(revision).toBeUndefined();
  expect(reason).toContain('shallow');
});
