/**
 * Builds docs/ into a site with search, in dist/docs; with `--dev` serves it and follows changes. What builds it is
 * installed in docs/ at first: nothing else of the project needs it.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const docs = path.join(import.meta.dirname, '../docs');
const lock = path.join(docs, 'package-lock.json');
const installed = path.join(docs, 'node_modules/.installed-lock.json');

if (!existsSync(installed) || readFileSync(installed, 'utf8') !== readFileSync(lock, 'utf8')) {
  // `npm ci` would refuse a lock that lacks other platforms' binaries.
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
  copyFileSync(lock, installed);
}
const mode = process.argv.includes('--dev') ? 'dev' : 'build';
run(process.execPath, [path.join(docs, 'node_modules/vitepress/bin/vitepress.js'), mode]);

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { cwd: docs, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
