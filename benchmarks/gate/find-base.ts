/** What is compared with, and why it. */
export interface Base {
  readonly revision: string | undefined;
  readonly reason: string;
}

/** Runs git and gives what it prints; throws where it fails. */
export type Git = (args: readonly string[]) => string;

const MAIN_BRANCHES = ['origin/main', 'main'];
/** What a collector is made of; tests of it are not. */
const SOURCES = ['packages', 'plugins', 'package-lock.json', ':(exclude)*.test.ts', ':(exclude)*/testing/*'];

/**
 * The revision that the working tree comes from: the named one, the merge base with the main branch, or, where that is
 * what is checked out without changes, the one before. None where a collector of it would be the same. Throws where the
 * named one does not exist.
 */
export function findBase(named: string | undefined, git: Git): Base {
  const base =
    named === undefined
      ? presumedBase(git)
      : { revision: git(['rev-parse', '--verify', `${named}^{commit}`]), reason: named };
  if (base.revision === undefined || git(['diff', '--name-only', base.revision, '--', ...SOURCES]) !== '') return base;
  return {
    revision: undefined,
    reason: `nothing that runs has changed since ${base.revision.slice(0, 10)} (${base.reason})`,
  };
}

function presumedBase(git: Git): Base {
  const ask = (args: readonly string[]) => {
    try {
      return git(args);
    } catch {
      return undefined;
    }
  };
  const head = ask(['rev-parse', '--verify', 'HEAD']);
  if (head === undefined) return { revision: undefined, reason: 'there is no commit' };
  const main = MAIN_BRANCHES.find((branch) => ask(['rev-parse', '--verify', branch]) !== undefined);
  const merge = main === undefined ? undefined : ask(['merge-base', 'HEAD', main]);
  const isChanged = ask(['status', '--porcelain', '--untracked-files=no']) !== '';
  if (merge !== undefined && (merge !== head || isChanged))
    return { revision: merge, reason: `merge base with ${main}` };
  if (merge !== undefined) {
    const before = ask(['rev-parse', '--verify', 'HEAD^']);
    return before === undefined
      ? { revision: undefined, reason: 'there is no commit before this one here' }
      : { revision: before, reason: `the commit before ${main}` };
  }
  const why = ask(['rev-parse', '--is-shallow-repository']) === 'true' ? ', as this clone is shallow' : '';
  return { revision: undefined, reason: `there is no merge base with ${MAIN_BRANCHES[0]}${why}` };
}
