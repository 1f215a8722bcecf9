// Plain JavaScript, as what makes fresh bundles is.
import { createHash } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Changes with the name, the size or the time of any of `files`, and of what is in `parts` of the packages and plugins below
 * `root`, tests aside. Parts are files or folders, and may be missing.
 */
export function digestOfSources(root, { files, parts }) {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
  };
  for (const file of files) add(path.join(root, file));
  for (const group of ['packages', 'plugins']) {
    for (const name of readdirSync(path.join(root, group)).sort()) {
      for (const part of parts) addAll(path.join(root, group, name, part), add);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function addAll(place, add) {
  const stats = statSync(place, { throwIfNoEntry: false });
  if (stats === undefined) return;
  if (stats.isFile()) return add(place);
  const entries = readdirSync(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'));
  for (const file of files.map((entry) => path.join(entry.parentPath, entry.name)).sort()) add(file);
}
