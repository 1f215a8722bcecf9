// Plain JavaScript: it runs in the process that becomes the collector, which the compiler of types would cost 15 MB.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { digestOfSources } from '../sources/digest-of-sources.mjs';

/** Bundles that stay, the newest ones: a collector that was started from one loads parts of it later. */
const KEPT = 20;

/** What a bundle is made of. */
const SOURCES = {
  files: ['package-lock.json', 'scripts/bundle/bundle.ts'],
  parts: ['package.json', 'bin', 'src'],
};

/**
 * The bin of a bundle of the sources below `root` as they are, which is made where there is none yet: about a second after each
 * change. Bundles are named after what went into them, so that none is ever stale.
 */
export function freshBundle(root = path.resolve(import.meta.dirname, '../..')) {
  const bundles = path.join(root, '.cache/bundles');
  const folder = path.join(bundles, digestOfSources(root, SOURCES));
  if (existsSync(folder)) {
    const now = new Date();
    utimesSync(folder, now, now);
  } else {
    make(root, folder);
    dropOldOnes(bundles);
  }
  return path.join(folder, 'bin/millrace.mjs');
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
