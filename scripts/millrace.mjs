/**
 * What `npm run millrace` runs: the command line, bundled as it is installed, in the folder where npm was called, so
 * that paths mean what they say.
 */
import { freshBundle } from './bundle/fresh-bundle.mjs';

const cli = freshBundle();
process.chdir(process.env['INIT_CWD'] ?? process.cwd());
// In this process, so that signals reach the collector itself.
process.argv = [process.execPath, cli, ...process.argv.slice(2)];
await import(cli);
