import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ComponentError } from '@millrace/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkRange } from './plugin-range.ts';
import { PluginRegistry } from './registry.ts';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-range-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(manifest: object, version: string): Promise<ComponentError | undefined> {
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@acme/geo', version: '2.0.0', ...manifest }));
  try {
    await checkRange(pathToFileURL(join(folder, 'src', 'index.js')).href, '@acme/geo', version);
    return undefined;
  } catch (error) {
    return error as ComponentError;
  }
}

describe('a plugin package says which versions it runs on', () => {
  test.each([
    [{}, '0.1.0'],
    [{ engines: { node: '>=24' } }, '0.1.0'],
    [{ engines: { millrace: '^0.1' } }, '0.1.7'],
    [{ engines: { millrace: '>=0.1 <2' } }, '1.3.0-beta.1'],
    [{ peerDependencies: { '@millrace/api': '0.1.x' } }, '0.1.0'],
    [{ peerDependencies: { '@millrace/api': 'workspace:*' } }, '0.1.0'],
  ])('%j takes %s', async (manifest, version) => {
    expect(await refusal(manifest, version)).toBeUndefined();
  });

  test.each([
    [
      { engines: { millrace: '^0.2' } },
      '0.1.0',
      'plugin @acme/geo@2.0.0 needs Millrace ^0.2 (engines.millrace in its package.json); this is 0.1.0',
      'update Millrace (npm install millrace@"^0.2"), or install an earlier version of the plugin',
    ],
    [
      { peerDependencies: { '@millrace/api': '^0.1' } },
      '1.0.0',
      'plugin @acme/geo@2.0.0 needs Millrace ^0.1 (peerDependencies["@millrace/api"] in its package.json); this is 1.0.0',
      'install a version of the plugin that is made for 1.0.0 (npm install @acme/geo@latest)',
    ],
    [
      { engines: { millrace: 'latest and greatest' } },
      '0.1.0',
      'plugin @acme/geo@2.0.0 asks for Millrace "latest and greatest" (engines.millrace), which is no range',
      'write a range such as "^0.1.0" into its package.json',
    ],
  ])('%j refuses %s', async (manifest, version, message, remedy) => {
    expect(await refusal(manifest, version)).toMatchObject({ code: 'PLUGIN_RANGE', message, remedy });
  });

  test('before it is imported', async () => {
    mkdirSync(join(folder, 'src'), { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "engines": { "millrace": "^99" }, "type": "module" }');
    writeFileSync(join(folder, 'src', 'index.js'), "throw new Error('was imported');");
    const loading = new PluginRegistry().load('./src/index.js', folder);
    await expect(loading).rejects.toThrow(
      'plugin ./src/index.js needs Millrace ^99 (engines.millrace in its package.json)',
    );
  });
});
