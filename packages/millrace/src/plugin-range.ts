import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ComponentError } from '@millrace/api';

/** The parts of a package.json that say what a plugin needs. */
interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly engines?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Refuses a plugin whose package says that it needs another version: by `engines.millrace`, or by `peerDependencies` on
 * `millrace` or `@millrace/api`, which have the same versions. A package that says nothing may run; the version of the API
 * is checked in any case. @throws {ComponentError}
 */
export async function checkRange(module: string, name: string, version: string): Promise<void> {
  if (!module.startsWith('file:')) return;
  const manifest = manifestOf(path.dirname(fileURLToPath(module)));
  if (manifest === undefined) return;
  const { engines, peerDependencies } = manifest;
  const asked = [
    { key: 'engines.millrace', range: engines?.['millrace'] },
    { key: 'peerDependencies.millrace', range: peerDependencies?.['millrace'] },
    { key: 'peerDependencies["@millrace/api"]', range: peerDependencies?.['@millrace/api'] },
  ];
  for (const { key, range } of asked) {
    if (range === undefined || isWorkspace(range)) continue;
    const { default: semver } = await import('semver');
    if (semver.validRange(range) === null) {
      throw new ComponentError(
        `plugin ${titleOf(name, manifest)} asks for Millrace "${range}" (${key}), which is no range`,
        {
          code: 'PLUGIN_RANGE',
          remedy: `write a range such as "^${version}" into its package.json`,
        },
      );
    }
    if (semver.satisfies(version, range, { includePrerelease: true })) continue;
    const isLater = semver.gtr(version, range, { includePrerelease: true });
    throw new ComponentError(
      `plugin ${titleOf(name, manifest)} needs Millrace ${range} (${key} in its package.json); this is ${version}`,
      {
        code: 'PLUGIN_RANGE',
        remedy: isLater
          ? `install a version of the plugin that is made for ${version} (npm install ${manifest.name ?? name}@latest)`
          : `update Millrace (npm install millrace@"${range}"), or install an earlier version of the plugin`,
      },
    );
  }
}

/** Package managers resolve these by themselves: `workspace:*`, `file:../api`. */
function isWorkspace(range: string): boolean {
  return /^(?:workspace|file|link|portal|catalog):/.test(range);
}

function titleOf(name: string, manifest: Manifest): string {
  const own = [manifest.name, manifest.version].filter((each) => each !== undefined).join('@');
  return own === '' || own.startsWith(`${name}@`) ? own || name : `${name} (${own})`;
}

/** The nearest package.json, at a folder or above it. */
function manifestOf(folder: string): Manifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    if (typeof manifest === 'object' && manifest !== null) return manifest;
  } catch {
    // None is here, or none that can be read; npm would not have installed that.
  }
  const parent = path.dirname(folder);
  return parent === folder ? undefined : manifestOf(parent);
}
