/** Checks that the lock files fit the package.json files and name no download addresses. Exit code 1 when not. */
import fs from 'node:fs';
import path from 'node:path';
import { checkLockfile, type Lockfile, type Manifests } from './lockfile/check-lockfile.ts';

const root = path.dirname(import.meta.dirname);
const read = (file: string): unknown => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8'));

const folders = fs
  .globSync(['packages/*/package.json', 'plugins/*/package.json'], { cwd: root })
  .map((file) => path.dirname(file).replaceAll('\\', '/'));
const manifests = new Map(
  ['', ...folders].map((folder) => [folder, read(path.join(folder, 'package.json'))]),
) as Manifests;

const site = new Map([['', read('docs/package.json')]]) as Manifests;
const problems = [
  ...checkLockfile(read('package-lock.json') as Lockfile, manifests),
  ...checkLockfile(read('docs/package-lock.json') as Lockfile, site).map((problem) => `docs: ${problem}`),
];
for (const problem of problems) console.log(problem);
console.log(`${manifests.size + site.size} package.json files, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
