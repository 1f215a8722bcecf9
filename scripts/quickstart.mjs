/** What `npm start` runs: makes the key pair of the quickstart where there is none, then the collector. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freshBundle } from './bundle/fresh-bundle.mjs';

const cli = freshBundle();
const key = 'data/quickstart.key';

process.chdir(path.dirname(import.meta.dirname));
if (!existsSync(key)) execFileSync(process.execPath, [cli, 'keygen', key, '--if-missing'], { stdio: 'ignore' });

// In this process, so that signals reach the collector itself.
process.argv = [process.execPath, cli, 'run', '--config', 'configs/quickstart.yaml', ...process.argv.slice(2)];
await import(cli);
