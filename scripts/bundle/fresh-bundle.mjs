// Plain JavaScript: it runs in the process that becomes the collector, which the compiler of types would cost 15 MB.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';

/** Bundles that stay, the newest ones: a collector that was started from one loads parts of it later. */
const KEPT = 20;

/**
 * The bin of a bundle of the sources below `root` as they are, which is made where there is none yet: about a second after each
 * change. Bundles are named after what went into them, so that none is ever stale.
 */
export function freshBundle(root = path.resolve(import.meta.dirname, '../..')) {
  const bundles = path.join(root, '.cache/bundles');
  const folder = path.join(bundles, digestOfSources(root));
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
  } else {
    make(root, folder);
    dropOldOnes(bundles);
  }
  return path.join(folder, 'bin/millrace.mjs');
}

/** Of names, sizes and times of all that goes into a bundle. */
function digestOfSources(root) {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${path.relative(root, file)}\0${size}\0${mtimeMs}\n`);
  };
  add(path.join(root, 'package-lock.json'));
  add(path.join(root, 'scripts/bundle/bundle.ts'));
  for (const group of ['packages', 'plugins']) {
    for (const name of readdirSync(path.join(root, group)).sort()) {
      const folder = path.join(root, group, name);
      for (const part of ['package.json', 'bin', 'src']) addAll(path.join(folder, part), add);
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

/** In a process of its own, whose memory is not the collector's. */
function make(root, folder) {
  const making = `${folder}.${process.pid}`;
  const script = path.join(root, 'scripts/bundle.ts');
  const { status } = spawnSync(process.execPath, [script, making], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`the collector could not be bundled; ${path.relative(root, script)} says why`);
  try {
    renameSync(making, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(making, { recursive: true }); // Another process was faster.
  }
}

function dropOldOnes(bundles) {
  const byAge = readdirSync(bundles)
    .map((name) => path.join(bundles, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  for (const folder of byAge.slice(KEPT)) rmSync(folder, { recursive: true, force: true });
}
