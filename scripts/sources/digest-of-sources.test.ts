import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { digestOfSources } from './digest-of-sources.mjs';

test('the digest changes with every file that counts, and with no other', () => {
  const root = mkdtempSync(join(tmpdir(), 'millrace-digest-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const folder of ['packages/a/src/deep', 'plugins/b']) mkdirSync(join(root, folder), { recursive: true });
  const write = (file: string, text: string) => writeFileSync(join(root, file), text);
  write('lock.json', '');
  const digest = () => digestOfSources(root, { files: ['lock.json'], parts: ['package.json', 'src'] });
  const seen = [digest()];
  for (const [file, text] of [
    ['lock.json', '{}'],
    ['packages/a/src/deep/one.ts', 'one'],
    ['plugins/b/package.json', '{}'],
    ['plugins/b/package.json', '{ }'],
  ] as const) {
    write(file, text);
    expect(seen).not.toContain(digest());
    seen.push(digest());
  }
  write('packages/a/src/deep/one.test.ts', 'test');
  write('plugins/b/README.md', '# b');
  expect(digest()).toBe(seen.at(-1));
});
