/**
 * What `npm run create-plugin` runs: makes a plugin in the folder where npm was called, with what it imports linked to this
 * checkout, compiled. `npm run create-plugin -- --kind processor --name my-thing [--dir FOLDER]`.
 */
import path from 'node:path';
import { main } from 'create-millrace-plugin';
import { buildPackages } from './build/build-packages.ts';
import { linkPackages } from './create-plugin/link-packages.ts';

const root = path.dirname(import.meta.dirname);

process.exitCode = await main(process.argv.slice(2), {
  cwd: process.env['INIT_CWD'] ?? process.cwd(),
  async install(plugin) {
    const { errors } = await buildPackages(root, { types: false, ifChanged: true });
    if (errors !== '') throw new Error(`cannot compile the packages of this checkout:\n${errors}`);
    linkPackages(root, plugin.path);
  },
});
