import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { collectorOf, describeConformance, refuseForNow } from '@millrace/testkit';
import { afterAll, describe, expect, test } from 'vitest';

const MODULE = new URL('./index.ts', import.meta.url);
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'file-storage-'));
let folders = 0;

afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** A directory that is not there yet. */
function folder(): string {
  folders += 1;
  return path.join(root, `folder-${folders}`);
}

/** A file with this text. */
function file(text: string): string {
  const name = folder();
  fs.writeFileSync(name, text);
  return name;
}

function key(): string {
  return randomBytes(32).toString('base64');
}

function config(settings: string): string {
  return `
receivers: { test/in: }
exporters: { test/out: { sending_queue: { storage: file_storage, num_consumers: 1 }, retry_on_failure: } }
extensions: { file_storage: { min_free_space: 0, ${settings} } }
service: { extensions: [file_storage], pipelines: { logs: { receivers: [test/in], exporters: [test/out] } } }
`;
}

describeConformance(MODULE, {
  configs: [
    `file_storage: { directory: ${folder()}, create_directory: true, compaction: { on_start: true, on_rebound: true, directory: /tmp, max_transaction_size: 65536, cleanup_on_start: true }, recreate: true, fsync: false, timeout: 10s, max_size: 1GiB }`,
    `file_storage/sealed: { directory: ${folder()}, create_directory: true, encryption: { key: ${key()} } }`,
  ],
});

test.each([
  ["directory_permissions: '0999'", 'must be permission bits in octal, got "0999"'],
  ["directory_permissions: 'rwx'", 'must be permission bits in octal'],
  ["directory_permissions: '01777'", 'must be permission bits in octal'],
  ['max_size: 1000', 'is 1000 bytes, must be at least 1MiB'],
  ['max_size: -1', 'must be a number of bytes'],
  ['max_size: ten', 'must be a number of bytes'],
  ['compaction: { on_rebound: true, check_interval: 0 }', 'must be positive when on_rebound is set'],
  ['compaction: { max_transaction_size: -1 }', 'must be at least 0'],
  ['compaction: { rebound: true }', 'the key "rebound" is not known'],
  ['encryption: { }', 'needs a key'],
  [`encryption: { key: ${key()}, key_file: /tmp/k }`, 'has both key and key_file'],
  ['encryption: { key: c2hvcnQ= }', 'must be 32 bytes as base64'],
])('%s is refused', async (settings, message) => {
  const failing = collectorOf(config(settings), { plugins: [MODULE], start: false });
  await expect(failing).rejects.toThrow(message);
});

/** Leaves some items in a directory with these settings. */
async function leave(settings: string, ids: readonly number[]): Promise<void> {
  const collector = await collectorOf(config(settings), { plugins: [MODULE] });
  collector.out().otherwise = refuseForNow;
  for (const id of ids) await collector.in().push('logs', [id]);
  expect(await collector.shutdown()).toMatchObject({ keptItems: ids.length });
}

async function deliver(settings: string, count: number): Promise<readonly number[]> {
  const collector = await collectorOf(config(settings), { plugins: [MODULE] });
  await collector.out().received(count);
  await collector.shutdown();
  return collector.out().ids();
}

describe('encryption', () => {
  /** Whether any file in a directory holds the name of a field that every item has. */
  function isInClear(directory: string): boolean {
    return fs.readdirSync(directory).some((name) => fs.readFileSync(path.join(directory, name)).includes('"signal"'));
  }

  test('hides what is stored from whoever does not have the key, and a later key reads it with the earlier ones', async () => {
    const directory = folder();
    const [first, second] = [file(`${key()}\n`), file(key())];
    const at = (more: string) => `directory: ${directory}, create_directory: true, encryption: { ${more} }`;
    await leave(at(`key_file: ${first}`), [1, 2]);
    expect(isInClear(directory)).toBe(false);
    const wrong = collectorOf(config(at(`key_file: ${second}`)), { plugins: [MODULE] });
    await expect(wrong).rejects.toMatchObject({ code: 'STORAGE_KEY_WRONG' });
    expect(await deliver(at(`key_file: ${second}, previous_key_files: [${first}]`), 2)).toEqual([1, 2]);
  });

  test('may be added to what was stored in clear', async () => {
    const directory = folder();
    const at = `directory: ${directory}, create_directory: true`;
    await leave(at, [1]);
    expect(isInClear(directory)).toBe(true);
    expect(await deliver(`${at}, encryption: { key: ${key()} }`, 1)).toEqual([1]);
  });

  test.each([
    ['that is not there', () => folder(), 'STORAGE_KEY_UNREADABLE'],
    ['with something else in it', () => file('not a key'), 'STORAGE_KEY_INVALID'],
    ['that is too short', () => file(randomBytes(16).toString('base64')), 'STORAGE_KEY_INVALID'],
  ])('a key file %s ends the start', async (_name, keyFile, code) => {
    const settings = `directory: ${folder()}, create_directory: true, encryption: { key_file: ${keyFile()} }`;
    await expect(collectorOf(config(settings), { plugins: [MODULE] })).rejects.toMatchObject({ code });
  });
});

test('what the Collector compacts on request is said to have no effect', async () => {
  const settings = `directory: ${folder()}, create_directory: true, compaction: { on_start: true, directory: /tmp }`;
  await using collector = await collectorOf(config(settings), { plugins: [MODULE] });
  expect(collector.logger.lines).toContainEqual(
    expect.objectContaining({
      level: 'info',
      message: 'compaction runs by itself, inside the directory; some settings have no effect',
    }),
  );
});
