/**
 * Compiles every package into `dist/node_modules/<name>`: JavaScript, types, and the package.json that is published. What is there
 * runs as it is (`node dist/node_modules/millrace/bin/millrace.mjs --config x.yaml`), as the packages find each other in that
 * folder and everybody else's in the checkout's, and each folder can be given to `npm pack` or `npm publish`.
 *
 * `node scripts/build.ts [--no-types] [--if-changed]`: without a look at the types, or only where a source has changed. Exit code 1
 * where the types have errors; then nothing is replaced.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackages } from './build/build-packages.ts';

const { values } = parseArgs({
  options: { 'no-types': { type: 'boolean', default: false }, 'if-changed': { type: 'boolean', default: false } },
});
const { folder, packages, built, errors } = await buildPackages(path.dirname(import.meta.dirname), {
  types: !values['no-types'],
  ifChanged: values['if-changed'],
});
if (errors !== '') {
  process.stderr.write(errors);
  process.exitCode = 1;
} else {
  console.log(`${folder}: ${packages.length} packages${built ? '' : ', up to date'}`);
}
