import fs from 'node:fs';
import path from 'node:path';
import { command } from './command.ts';

interface Packed {
  readonly name: string;
  readonly filename: string;
}

/** Packs the folders below `built` with npm. The result: the tarball of each package, by its name. */
export async function packAll(
  built: string,
  packages: readonly string[],
  into: string,
): Promise<ReadonlyMap<string, string>> {
  fs.mkdirSync(into, { recursive: true });
  const folders = packages.map((name) => path.join(built, name));
  const output = await command('npm', ['pack', '--json', '--pack-destination', into, ...folders], { cwd: into });
  const packed = Object.values(JSON.parse(output) as Readonly<Record<string, Packed>>);
  return new Map(packed.map(({ name, filename }) => [name, path.join(into, path.basename(filename))]));
}
