import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CreateError } from './create-error.ts';
import type { PluginKind } from './plugin-kind.ts';
import { type PluginName, parseName } from './plugin-name.ts';
import { filesOf } from './templates.ts';

export interface PluginRequest {
  readonly kind: PluginKind;
  /** Name of the npm package, with a scope or without. */
  readonly name: string;
  /** Where the files go; default: a folder with the package's name, without its scope. Relative to `cwd`. */
  readonly dir?: string;
  /** Default: the working directory. */
  readonly cwd?: string;
}

export interface CreatedPlugin extends PluginName {
  /** Absolute. */
  readonly path: string;
  /** Relative to `path`. */
  readonly files: readonly string[];
}

/** Writes a plugin into a folder that is new or empty. @throws {CreateError}, having written nothing. */
export function createPlugin({ kind, name, dir, cwd = process.cwd() }: PluginRequest): CreatedPlugin {
  const names = parseName(name, kind);
  const target = path.resolve(cwd, dir ?? names.folder);
  refuseUsed(target);
  const files = filesOf(kind, names);
  for (const [file, text] of files) {
    const place = path.join(target, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }
  return { ...names, path: target, files: [...files.keys()] };
}

function refuseUsed(target: string): void {
  if (!existsSync(target)) return;
  if (!statSync(target).isDirectory()) {
    throw new CreateError('FOLDER', `${target} is a file; name another folder with --dir`);
  }
  const [first] = readdirSync(target);
  if (first === undefined) return;
  throw new CreateError('FOLDER', `${target} is not empty (it has ${first}); name another folder with --dir`);
}
