import { execFile } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CodePlace } from '../display/code-frame.ts';

/** Something that the compiler of types found in a plugin. */
export interface TypeFault extends CodePlace {
  /** `TS2322: Type 'string' is not assignable to type 'number'.` */
  readonly message: string;
}

const HERE = fileURLToPath(import.meta.url);

/** What is found where the types of Node are not installed: `Buffer`, `process`, `node:fs`. */
const NEEDS_NODE_TYPES = /^TS(?:2580|2591): /;

/** What a plugin may import wherever it lies, because the collector gives it its own copies. */
const GIVEN = ['api', 'otlp', 'transport', 'codec', 'testkit'].map((name) => `@millrace/${name}`);

/** Longest time that a check may take before it is given up. */
const LIMIT_MS = 20_000;

/**
 * Checks the types of TypeScript plugins with the compiler that is installed beside the first of them (or here), in a process
 * of its own; undefined where there is none, or no types of `@millrace/api`. Only what is found in the plugins' own folders is
 * reported.
 */
export async function checkTypes(modules: readonly string[]): Promise<readonly TypeFault[] | undefined> {
  const files = modules.filter((file) => /\.[cm]?ts$/.test(file));
  if (files.length === 0) return [];
  const compiler = compilerFor(files[0]);
  const paths = givenTypes(files[0]);
  if (compiler === undefined || paths === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'millrace-types-'));
  try {
    const project = join(folder, 'tsconfig.json');
    await writeFile(project, JSON.stringify(projectFor(files, paths)));
    const cwd = dirname(files[0]);
    const output = await outputOf(compiler, project, cwd);
    const folders = files.map((file) => dirname(file) + sep);
    return faultsIn(output, cwd).filter(
      ({ file, message }) =>
        !NEEDS_NODE_TYPES.test(message) &&
        !file.includes(`${sep}node_modules${sep}`) &&
        folders.some((each) => file.startsWith(each)),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function compilerFor(file: string): string | undefined {
  const manifest = manifestOf('typescript', [file, join(process.cwd(), 'any.js'), HERE]);
  const compiler = manifest === undefined ? undefined : join(dirname(manifest), 'bin', 'tsc');
  return compiler !== undefined && existsSync(compiler) ? compiler : undefined;
}

/** The package.json of a package as the first of some files sees it. */
function manifestOf(name: string, files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      return createRequire(file).resolve(`${name}/package.json`);
    } catch {
      // Not installed there.
    }
  }
  return undefined;
}

/** The nearest tsconfig.json decides, or what Node's own type stripping asks for. */
function projectFor(files: readonly string[], paths: Readonly<Record<string, readonly string[]>>): object {
  const nearest = nearestProject(dirname(files[0]));
  const always = {
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    composite: false,
    incremental: false,
    // Where nothing is given, the project's own paths stay.
    ...(Object.keys(paths).length === 0 ? {} : { paths }),
  };
  if (nearest !== undefined) return { extends: nearest, compilerOptions: always, files, include: [] };
  const node = manifestOf('@types/node', [files[0], HERE]);
  const types = node === undefined ? {} : { types: ['node'], typeRoots: [dirname(dirname(node))] };
  const compilerOptions = {
    ...always,
    ...types,
    strict: true,
    target: 'es2024',
    module: 'nodenext',
    moduleResolution: 'nodenext',
    erasableSyntaxOnly: true,
  };
  return { compilerOptions, files };
}

function nearestProject(folder: string): string | undefined {
  const project = join(folder, 'tsconfig.json');
  if (existsSync(project)) return project;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestProject(parent);
}

/**
 * Where the compiler finds the packages that a plugin is given and that are not installed beside it, as for one that is a lone
 * file; undefined where it finds no `@millrace/api` at all.
 */
function givenTypes(plugin: string): Record<string, readonly string[]> | undefined {
  const missing = GIVEN.filter((name) => typesOf(name, plugin) === undefined);
  const found = missing.flatMap((name) => {
    const types = typesOf(name, HERE);
    return types === undefined ? [] : [[name, [types]] as const];
  });
  const paths = Object.fromEntries(found);
  return missing.includes('@millrace/api') && paths['@millrace/api'] === undefined ? undefined : paths;
}

/** The types of the nearest package of this name that has some, as a file sees it: a bundle beside it has none. */
function typesOf(name: string, file: string): string | undefined {
  for (const folder of createRequire(file).resolve.paths(name) ?? []) {
    const manifest = join(folder, name, 'package.json');
    if (!existsSync(manifest)) continue;
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as { exports?: Record<string, unknown> };
    const main = exports?.['.'];
    const types = typeof main === 'string' ? main : (main as { types?: unknown } | undefined)?.types;
    if (typeof types === 'string' && /\.[cm]?ts$/.test(types)) return realpathSync(join(folder, name, types));
  }
  return undefined;
}

function outputOf(compiler: string, project: string, cwd: string): Promise<string> {
  return new Promise((settle) => {
    const args = [compiler, '--project', project, '--pretty', 'false'];
    execFile(process.execPath, args, { cwd, timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 }, (_error, stdout) =>
      settle(stdout),
    );
  });
}

/** Lines such as `plugin.ts(5,11): error TS2322: …`; what is indented below says more of the same. */
function faultsIn(output: string, cwd: string): TypeFault[] {
  const faults: TypeFault[] = [];
  for (const line of output.split(/\r?\n/)) {
    const found = /^(.+?)\((\d+),(\d+)\): error (.+)$/.exec(line);
    if (found === null) continue;
    const [, file, row, column, message] = found;
    faults.push({ file: resolve(cwd, file), line: Number(row), column: Number(column), message });
  }
  return faults;
}
