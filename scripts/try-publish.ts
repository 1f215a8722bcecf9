/**
 * What somebody gets who installs Millrace: compiles and packs every package, installs the tarballs into an empty folder (what is
 * not ours comes from the registry), and uses them there. `npm run test:publish -- [--keep]`. Exit code 1 at the first thing that fails.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackages } from './build/build-packages.ts';
import { lintTarballs } from './try-publish/lint-tarballs.ts';
import { packAll } from './try-publish/pack-all.ts';
import { Shop } from './try-publish/shop.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const root = path.dirname(import.meta.dirname);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-publish-'));

try {
  const { folder: built, packages, errors } = await buildPackages(root, { types: false, ifChanged: true });
  if (errors !== '') throw new Error(`the packages do not compile:\n${errors}`);
  console.log(`${packages.length} packages are compiled`);
  const tarballs = await packAll(built, packages, path.join(folder, 'tarballs'));
  console.log(`${tarballs.size} tarballs are packed`);
  await lintTarballs(tarballs);
  console.log('publint and attw find nothing');
  const shop = new Shop(root, path.join(folder, 'shop'));
  await shop.install(tarballs);
  console.log('they install');
  await shop.validates();
  console.log('millrace validates a configuration');
  await shop.runs();
  console.log('a pipeline runs on compiled workers');
  await shop.embeds();
  console.log('a program embeds it');
  await shop.makesPlugin();
  console.log('a new plugin passes its tests, compiles and loads');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  if (values.keep) console.log(`everything is in ${folder}`);
  else fs.rmSync(folder, { recursive: true, force: true });
}
