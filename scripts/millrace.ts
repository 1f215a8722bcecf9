/** What `npm run millrace` runs: the command line, in the folder where npm was called, so that paths mean what they say. */
import path from 'node:path';

const cli = path.join(path.dirname(import.meta.dirname), 'packages/millrace/bin/millrace.mjs');
process.chdir(process.env['INIT_CWD'] ?? process.cwd());
// In this process, so that signals reach the collector itself.
process.argv = [process.execPath, cli, ...process.argv.slice(2)];
await import(cli);
