import fs from 'node:fs';
import path from 'node:path';

/**
 * Which package of ours may import which: the picture of the design as a table. Tests obey it too, with the two
 * exceptions that `mayImport` names.
 */
export const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  otlp: [],
  codec: [],
  api: ['otlp'],
  pattern: [],
  ottl: ['otlp', 'pattern'],
  rules: ['api', 'otlp', 'pattern'],
  otel: ['api', 'otlp'],
  transport: ['api', 'codec'],
  config: ['api'],
  delivery: ['api'],
  workers: ['api', 'otlp'],
  engine: ['api', 'otlp', 'config', 'delivery', 'workers'],
  load: ['api', 'otlp', 'codec', 'transport'],
  testkit: ['api', 'otlp', 'config', 'engine', 'workers', 'delivery', 'transport', 'codec'],
  records: ['otlp', 'config'],
  rehearsal: ['api', 'otlp', 'ottl', 'config', 'records', 'engine', 'delivery'],
};
/** The facade may import every package and plugin. */
export const FACADE = 'millrace';
/** What every plugin may import: the public interface, and nothing that a third party could not use. */
export const PLUGIN_ALLOWED = ['api', 'otlp', 'codec', 'transport', 'ottl', 'pattern', 'rules'];
/** Third-party packages that exactly one package of ours may import. */
export const RESERVED: Readonly<Record<string, string>> = { piscina: 'workers' };

/** A workspace package; the root, which holds scripts, benchmarks and whole-process tests, has the folder ''. */
export interface HousePackage {
  /** Relative to the root, with slashes: `packages/otlp`. */
  readonly folder: string;
  readonly name: string;
  readonly kind: 'package' | 'plugin' | 'root';
  /** What it may import when it runs: dependencies, peer and optional ones. */
  readonly dependencies: ReadonlySet<string>;
  readonly devDependencies: ReadonlySet<string>;
  /** The subpaths that may be imported, such as `.` or `./testing`. */
  readonly exports: ReadonlySet<string>;
}

export interface House {
  readonly root: HousePackage;
  readonly packages: readonly HousePackage[];
}

export interface Manifest {
  readonly name?: string;
  readonly exports?: string | Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The last part of the folder, by which the tables above name a package. */
export function shortName(of: HousePackage): string {
  return of.folder.slice(of.folder.indexOf('/') + 1);
}

export function mayImport(from: HousePackage, to: HousePackage, inTest: boolean): boolean {
  if (from.kind === 'root' || from === to) return true;
  const [source, target] = [shortName(from), shortName(to)];
  if (from.kind === 'plugin') {
    if (to.kind !== 'package') return false;
    return PLUGIN_ALLOWED.includes(target) || (inTest && target === 'testkit');
  }
  if (source === FACADE || (inTest && target === 'testkit')) return true;
  if (to.kind === 'plugin') return inTest;
  return ALLOWED[source]?.includes(target) ?? false;
}

export function readHouse(rootFolder: string): House {
  const manifest = (folder: string): Manifest =>
    JSON.parse(fs.readFileSync(path.join(rootFolder, folder, 'package.json'), 'utf8')) as Manifest;
  const folders = ['packages', 'plugins'].flatMap((parent) =>
    fs.existsSync(path.join(rootFolder, parent))
      ? fs.readdirSync(path.join(rootFolder, parent)).map((name) => `${parent}/${name}`)
      : [],
  );
  const packages = folders
    .filter((folder) => fs.existsSync(path.join(rootFolder, folder, 'package.json')))
    .toSorted()
    .map((folder) => describePackage(folder, manifest(folder)));
  return { root: describePackage('', manifest('')), packages };
}

export function describePackage(folder: string, manifest: Manifest): HousePackage {
  const { dependencies, peerDependencies, optionalDependencies, devDependencies, exports = {} } = manifest;
  const kind = folder === '' ? 'root' : folder.startsWith('plugins/') ? 'plugin' : 'package';
  return {
    folder,
    name: manifest.name ?? folder,
    kind,
    dependencies: new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })),
    devDependencies: new Set(Object.keys(devDependencies ?? {})),
    exports: new Set(typeof exports === 'string' ? ['.'] : Object.keys(exports)),
  };
}
