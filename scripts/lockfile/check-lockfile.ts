/** The parts of package-lock.json (version 3) that are looked at. */
export interface Lockfile {
  readonly lockfileVersion: number;
  readonly packages: Readonly<Record<string, LockEntry>>;
}

interface LockEntry extends Dependencies {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly optional?: boolean;
}

interface Dependencies {
  readonly dependencies?: Versions;
  readonly devDependencies?: Versions;
  readonly optionalDependencies?: Versions;
  readonly peerDependencies?: Versions;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

type Versions = Readonly<Record<string, string>>;

/** The package.json files of the workspace by folder, the root's under ''. */
export type Manifests = ReadonlyMap<string, Omit<LockEntry, 'resolved' | 'integrity' | 'link'>>;

/** What npm copies from a package.json of the workspace into the lock file. */
const COPIED = [
  'version',
  'license',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'bin',
  'engines',
] as const;

const MEND = 'run `npm install` and commit package-lock.json';

/**
 * Everything for which `npm install` would rewrite the lock file, or for which the lock file would not do on somebody
 * else's machine. Empty when all is well.
 */
export function checkLockfile(lock: Lockfile, manifests: Manifests): string[] {
  if (lock.lockfileVersion !== 3) return [`package-lock.json has version ${lock.lockfileVersion}, must be 3; ${MEND}`];
  return [...checkWorkspaces(lock, manifests), ...checkAddresses(lock), ...checkClosure(lock)];
}

function checkWorkspaces(lock: Lockfile, manifests: Manifests): string[] {
  const problems: string[] = [];
  for (const [folder, manifest] of manifests) {
    const entry = lock.packages[folder];
    const file = folder === '' ? 'package.json' : `${folder}/package.json`;
    if (entry === undefined) {
      problems.push(`${file} is not in package-lock.json; ${MEND}`);
      continue;
    }
    for (const field of COPIED) {
      if (canonical(manifest, field) !== canonical(entry, field)) {
        problems.push(`${file}: "${field}" differs from package-lock.json; ${MEND}`);
      }
    }
    const link = lock.packages[`node_modules/${manifest.name ?? ''}`];
    if (folder !== '' && (link?.link !== true || link.resolved !== folder)) {
      problems.push(`${file}: package-lock.json does not link node_modules/${manifest.name ?? ''} to it; ${MEND}`);
    }
  }
  for (const folder of Object.keys(lock.packages)) {
    if (!folder.includes('node_modules/') && !manifests.has(folder)) {
      problems.push(`package-lock.json knows ${folder}, which has no package.json; ${MEND}`);
    }
  }
  return problems;
}

function canonical(of: object, field: string): string {
  const value: unknown = (of as Readonly<Record<string, unknown>>)[field];
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  // npm leaves out what is empty, and writes bin paths without "./".
  return entries.length === 0 ? '' : JSON.stringify(entries).replaceAll('"./', '"');
}

/** An address would send everybody to the registry of the machine that wrote it; a checksum must be there instead. */
function checkAddresses(lock: Lockfile): string[] {
  return Object.entries(lock.packages).flatMap(([place, { resolved, integrity, link }]) => {
    if (link === true || !place.includes('node_modules/')) return [];
    if (resolved !== undefined)
      return [`${place} names the address ${resolved}; take "resolved" out of package-lock.json`];
    return integrity === undefined ? [`${place} has no checksum; ${MEND}`] : [];
  });
}

/** Every dependency must be found in the lock file, by Node's own walk up the node_modules folders. */
function checkClosure(lock: Lockfile): string[] {
  return Object.entries(lock.packages).flatMap(([place, entry]) => {
    if (entry.link === true) return [];
    const ours = !place.includes('node_modules/');
    const needed = { ...(ours ? entry.devDependencies : {}), ...requiredPeers(entry), ...entry.dependencies };
    return Object.keys(needed)
      .filter((name) => entry.optionalDependencies?.[name] === undefined && !isThere(lock, place, name))
      .map((name) => `${place || 'package.json'} needs ${name}, which package-lock.json lacks; ${MEND}`);
  });
}

function requiredPeers({ peerDependencies = {}, peerDependenciesMeta = {} }: Dependencies): Versions {
  return Object.fromEntries(
    Object.entries(peerDependencies).filter(([name]) => peerDependenciesMeta[name]?.optional !== true),
  );
}

function isThere(lock: Lockfile, place: string, name: string): boolean {
  for (let at = place; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const candidate = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (lock.packages[candidate] !== undefined) return true;
    if (at === '') return false;
  }
}
