import fs from 'node:fs';
import path from 'node:path';

/** What a plugin needs beside our packages, and the programs that its scripts call, relative to `node_modules`. */
const TOOLS = ['vitest', 'typescript', '@types/node'];
const PROGRAMS: Readonly<Record<string, string>> = {
  node: 'node/bin/node',
  tsc: 'typescript/bin/tsc',
  vitest: 'vitest/vitest.mjs',
};

/**
 * Gives a plugin the `node_modules` that `npm install` would give it, as links: our packages as they would be published, from
 * `dist`, and the tools of this checkout.
 */
export function linkPackages(root: string, plugin: string): void {
  const built = path.join(root, 'dist/node_modules');
  const tools = path.join(root, 'node_modules');
  const link = (name: string, to: string) => {
    const place = path.join(plugin, 'node_modules', name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.symlinkSync(to, place);
  };
  for (const name of ['millrace', '@millrace']) link(name, path.join(built, name));
  for (const name of TOOLS) link(name, path.join(tools, name));
  for (const [name, file] of Object.entries(PROGRAMS)) link(`.bin/${name}`, path.join(tools, file));
  link('.bin/millrace', path.join(built, 'millrace/bin/millrace.mjs'));
}
