import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { ReplayProgress } from './replay-progress.ts';

const NOTHING_SAID = { file: undefined, again: false };

test('what was sent is noted beside the source, for its owner alone, and known the next time', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'replay-'));
  const file = { name: 'a.jsonl', path: path.join(folder, 'a.jsonl') };
  writeFileSync(file.path, 'x');
  const source = { path: folder, isDirectory: true };
  const first = await ReplayProgress.open(source, ['to'], NOTHING_SAID);
  expect(await first.begin(file)).toBe(0);
  first.set(file.name, 3);
  await first.save();

  const note = readdirSync(folder).find((name) => name.startsWith('.replay-')) ?? '';
  expect(note).toMatch(/^\.replay-[0-9a-f]{12}\.json$/);
  expect((statSync(path.join(folder, note)).mode & 0o777).toString(8)).toBe('600');
  expect(await (await ReplayProgress.open(source, ['to'], NOTHING_SAID)).begin(file)).toBe(3);
  expect(await (await ReplayProgress.open(source, ['elsewhere'], NOTHING_SAID)).begin(file)).toBe(0);
});
