import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { readHouse } from '../boundaries/house.ts';
import { digestOfSources, type SourcesOfDigest } from '../sources/digest-of-sources.mjs';
import { withLock } from './lock.ts';
import { stagePackage } from './stage-package.ts';

export interface BuildOptions {
  /** Whether the types are checked. */
  readonly types: boolean;
  /** Whether what is there is kept where no source has changed since. */
  readonly ifChanged?: boolean;
}

export interface BuildResult {
  /** Absolute: `<root>/dist/node_modules`, which has a folder for each package, by its name. */
  readonly folder: string;
  readonly packages: readonly string[];
  readonly built: boolean;
  /** What the compiler found; then the packages of the build before are still there. */
  readonly errors: string;
}

/** Compiles all packages of the checkout. Several processes may ask at once: one builds, the others wait for it. */
export async function buildPackages(root: string, { types, ifChanged = false }: BuildOptions): Promise<BuildResult> {
  const dist = path.join(root, 'dist');
  const folder = path.join(dist, 'node_modules');
  const stamp = path.join(dist, 'built-of.txt');
  const { packages } = readHouse(root);
  const names = packages.map(({ name }) => name);
  fs.mkdirSync(dist, { recursive: true });
  return withLock(path.join(dist, '.lock'), async () => {
    const sources = digestOfSources(root, sourcesOf(root));
    if (ifChanged && readIfThere(stamp) === sources) return { folder, packages: names, built: false, errors: '' };
    const emitted = path.join(dist, '.emitted');
    const staged = path.join(dist, '.staged');
    for (const each of [emitted, staged]) fs.rmSync(each, { recursive: true, force: true });
    const errors = await compile(root, emitted, types);
    if (errors !== '') return { folder, packages: names, built: false, errors };
    for (const each of packages) stagePackage({ root, emitted, target: path.join(staged, each.name) }, each.folder);
    fs.rmSync(stamp, { force: true });
    fs.rmSync(folder, { recursive: true, force: true });
    fs.renameSync(staged, folder);
    fs.rmSync(emitted, { recursive: true });
    fs.writeFileSync(stamp, sources);
    return { folder, packages: names, built: true, errors: '' };
  });
}

/** What the packages are made of. */
function sourcesOf(root: string): SourcesOfDigest {
  const patterns = ['tsconfig*.json', 'scripts/build/*.ts', 'LICENSE', 'node_modules/typescript/package.json'];
  return {
    files: fs.globSync(patterns, { cwd: root }).toSorted(),
    parts: ['package.json', 'README.md', 'src', 'bin', 'templates'],
  };
}

/** The compiler's complaints; empty where there are none. */
async function compile(root: string, emitted: string, types: boolean): Promise<string> {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const checks = types ? ['--noEmitOnError'] : ['--noCheck'];
  const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', emitted, '--pretty', 'false', ...checks];
  try {
    await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    return '';
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return `${stdout}${stderr}` || String(error);
  }
}

function readIfThere(file: string): string | undefined {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}
