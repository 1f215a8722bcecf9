import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { generateFiles } from './generate-files.ts';

const list = { file: 'docs/list.md', make: () => '#  A list\n* one\n' };
const formatted = '# A list\n\n- one\n';
let root: string;

beforeEach(async () => {
  root = await fs.mkdtemp(path.join(os.tmpdir(), 'generate-'));
  onTestFinished(() => fs.rm(root, { recursive: true }));
});

const onDisk = (): Promise<string> => fs.readFile(path.join(root, list.file), 'utf8');

test('a missing file is written, formatted as the formatter would', async () => {
  expect(await generateFiles([list], { root, check: false })).toEqual(['docs/list.md']);
  expect(await onDisk()).toBe(formatted);
});

test('a file that is up to date is neither reported nor written', async () => {
  await generateFiles([list], { root, check: false });
  expect(await generateFiles([list], { root, check: false })).toEqual([]);
  expect(await generateFiles([list], { root, check: true })).toEqual([]);
});

test('a check reports an edited file and leaves it alone', async () => {
  await generateFiles([list], { root, check: false });
  await fs.appendFile(path.join(root, list.file), 'edited\n');
  expect(await generateFiles([list], { root, check: true })).toEqual(['docs/list.md']);
  expect(await onDisk()).toBe(`${formatted}edited\n`);
});

test('a file of a kind that the formatter does not know is written as it is made', async () => {
  await generateFiles([{ file: 'x.unknown', make: () => 'a  b' }], { root, check: false });
  expect(await fs.readFile(path.join(root, 'x.unknown'), 'utf8')).toBe('a  b');
});
