import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const PATTERNS = [
  '{packages,plugins}/*/{package.json,README.md}',
  '{packages,plugins}/*/{src,bin,templates}/**/*.{ts,mjs,json,template}',
  'scripts/build/*.ts',
  'tsconfig*.json',
  'node_modules/typescript/package.json',
];

/** Changes with every file that the built packages are made of. */
export function fingerprintOf(root: string): string {
  const hash = createHash('sha256');
  for (const file of fs.globSync(PATTERNS, { cwd: root }).toSorted()) {
    if (file.endsWith('.test.ts')) continue;
    const { size, mtimeMs } = fs.statSync(path.join(root, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}
