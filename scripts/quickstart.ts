/** What `npm start` runs: makes the key pair of the quickstart where there is none, then the collector. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);
const cli = path.join(root, 'packages/millrace/bin/millrace.mjs');
const key = 'data/quickstart.key';

process.chdir(root);
if (!existsSync(key)) execFileSync(process.execPath, [cli, 'keygen', key, '--if-missing'], { stdio: 'ignore' });

// In this process, so that signals reach the collector itself.
process.argv = [process.execPath, cli, 'run', '--config', 'configs/quickstart.yaml', ...process.argv.slice(2)];
await import(cli);
