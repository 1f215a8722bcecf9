/**
 * Checks who imports whom, over every import, re-export and dynamic import with a literal specifier.
 * The rules stand in `boundaries/house.ts`. Prints `file:line  rule  what to do`; exit code 1 when one is broken.
 */
import fs from 'node:fs';
import path from 'node:path';
import { checkFacade } from './boundaries/check-facade.ts';
import { checkFile } from './boundaries/check-file.ts';
import { readHouse } from './boundaries/house.ts';

const PLACES = ['packages', 'plugins', 'scripts', 'benchmarks', 'configs', 'test'];
const SKIPPED = new Set(['node_modules', 'dist', 'coverage']);
const SOURCE = /\.m?[jt]sx?$/;

const root = path.dirname(import.meta.dirname);
const house = readHouse(root);
const files = [...PLACES.flatMap((place) => sourceFiles(place)), 'vitest.config.ts'];
const violations = [
  ...files.flatMap((file) => checkFile({ file, source: fs.readFileSync(path.join(root, file), 'utf8') }, house)),
  ...checkFacade(house),
];

for (const { file, line, rule, advice } of violations) console.log(`${file}:${line}  ${rule}  ${advice}`);
console.log(`${files.length} files, ${house.packages.length} packages, ${violations.length} violations`);
if (violations.length > 0) process.exitCode = 1;

function sourceFiles(folder: string): string[] {
  if (!fs.existsSync(path.join(root, folder))) return [];
  return fs.readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourceFiles(file);
    return entry.isFile() && SOURCE.test(entry.name) ? [file] : [];
  });
}
