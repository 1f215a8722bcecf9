import { ensurePrograms, INSTALL_TIMEOUT_MS, runProgram } from '@millrace/codec/testing';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { keygen, type KeygenOptions } from './keygen.ts';

let directory = '';

beforeAll(() => ensurePrograms(['age', 'age-keygen'], { 'age-keygen': 'age' }), INSTALL_TIMEOUT_MS);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-keygen-'));
  return () => rmSync(directory, { recursive: true });
});

async function run(file: string, options: KeygenOptions = {}) {
  const texts = ['', ''];
  const [stdout, stderr] = texts.map(
    (_, index) =>
      new Writable({
        write(bytes: Buffer, _encoding, done) {
          texts[index] += bytes.toString();
          done();
        },
      }),
  );
  const code = await keygen(file, options, { stdout, stderr });
  return { code, out: texts[0], err: texts[1] };
}

it('the pair works with the age programs, and only the owner can read the secret half', async () => {
  const file = join(directory, 'new', 'folder', 'key.txt');
  const { code, out, err } = await run(file);
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/^age1[0-9a-z]{58}\n$/);
  expect(readFileSync(`${file}.pub`, 'utf8')).toBe(out);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(runProgram('age-keygen', ['-y', file]).toString()).toBe(out);
  const sealed = runProgram('age', ['-R', `${file}.pub`], Buffer.from('secret'));
  expect(runProgram('age', ['-d', '-i', file], sealed).toString()).toBe('secret');
  expect(readFileSync(file, 'utf8')).toMatch(/^# created: .*Z\n# public key: age1\w+\nAGE-SECRET-KEY-1\w+\n$/);
});

it('an existing key is never replaced', async () => {
  const file = join(directory, 'key');
  await run(file);
  const before = readFileSync(file, 'utf8');
  const { code, out, err } = await run(file);
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain('exists already');
  expect(readFileSync(file, 'utf8')).toBe(before);
});

it('with --if-missing an existing key is kept, its recipient printed, and a missing public half made again', async () => {
  const file = join(directory, 'key');
  const first = await run(file, { ifMissing: true });
  rmSync(`${file}.pub`);
  expect(await run(file, { ifMissing: true })).toEqual(first);
  expect(readFileSync(`${file}.pub`, 'utf8')).toBe(first.out);
});

it('a public half whose secret was moved away counts as a key', async () => {
  const file = join(directory, 'key');
  const { out } = await run(file);
  rmSync(file);
  expect(await run(file, { ifMissing: true })).toEqual({ code: 0, out, err: '' });
  expect(await run(file)).toMatchObject({ code: 1, out: '' });
  expect(existsSync(file)).toBe(false);
  expect(readFileSync(`${file}.pub`, 'utf8')).toBe(out);
});

it('a file that is something else stays as it is, and its content is not shown', async () => {
  const file = join(directory, 'notes');
  writeFileSync(file, 'AGE-SECRET-KEY-1 my notes\n');
  for (const ifMissing of [false, true]) {
    const { code, err } = await run(file, { ifMissing });
    expect(code).toBe(1);
    expect(err).toContain('is not a key');
    expect(err).not.toContain('my notes');
  }
  expect(readdirSync(directory)).toEqual(['notes']);
});

it('a folder that cannot be made is an error', async () => {
  const { code, err } = await run('/dev/null/key');
  expect(code).toBe(1);
  expect(err).toContain('/dev/null');
});
