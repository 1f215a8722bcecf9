import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BackupNames } from './backup-names.ts';
import { FailingFileSystem } from './testing/failing-file-system.ts';
import { Rig, rotation, sendBytes } from './testing/rig.ts';

const MEGABYTE = 1024 * 1024;
/** A line of `bytes` bytes, `{` first as in every file of JSON lines. */
const line = (bytes: number, letter: string) => Buffer.from(`{${letter.repeat(bytes - 2)}\n`);
const DAY_MS = 24 * 60 * 60 * 1000;

it('a file that the next batch would make too large is renamed, and a new one begun', async () => {
  const rig = new Rig();
  const sink = await rig.started({ rotation: rotation({ max_megabytes: 1 }) });
  await sendBytes(sink, line(MEGABYTE - 100, 'a'));
  await sendBytes(sink, line(100, 'b'));
  expect(rig.names).toEqual(['logs.jsonl']);
  await sendBytes(sink, line(100, 'c'));
  expect(rig.names).toEqual(['logs-2023-11-14T22-13-20.000.jsonl', 'logs.jsonl']);
  expect(rig.read('logs-2023-11-14T22-13-20.000.jsonl')).toHaveLength(MEGABYTE);
  expect(rig.read()).toBe(line(100, 'c').toString());
});

it('batches that wait together are spread over files without exceeding the size', async () => {
  const rig = new Rig();
  const sink = await rig.started({ rotation: rotation({ max_megabytes: 1 }) });
  const letters = 'abcdefg'.split('');
  await Promise.all(letters.map((letter) => sendBytes(sink, line(400_000, letter))));
  expect(rig.names).toHaveLength(4);
  expect(rig.names.map((name) => rig.read(name)).join('')).toBe(
    letters.map((letter) => line(400_000, letter).toString()).join(''),
  );
  for (const name of rig.names) expect(rig.read(name).length).toBeLessThanOrEqual(MEGABYTE);
});

it('a batch that is larger than a file gets one of its own', async () => {
  const rig = new Rig();
  const sink = await rig.started({ rotation: rotation({ max_megabytes: 1 }) });
  for (const letter of 'ab') await sendBytes(sink, line(MEGABYTE + 5, letter));
  await sendBytes(sink, line(10, 'c'));
  expect(rig.names.map((name) => rig.read(name).length)).toEqual([MEGABYTE + 5, MEGABYTE + 5, 10]);
});

it('two rotations in the same millisecond keep both files', async () => {
  const rig = new Rig();
  const sink = await rig.started({ rotation: rotation({ max_megabytes: 1 }) });
  for (const letter of 'abc') await sendBytes(sink, line(MEGABYTE, letter));
  expect(rig.names).toEqual(['logs-2023-11-14T22-13-20.000.jsonl', 'logs-2023-11-14T22-13-20.001.jsonl', 'logs.jsonl']);
});

it('only the newest max_backups files are kept, and files of others stay', async () => {
  const rig = new Rig();
  const foreign = ['logs-2020-01-01.jsonl', 'logs2-2020-01-01T00-00-00.000.jsonl', 'logs-2020-01-01T00-00-00.000.txt'];
  for (const name of foreign) writeFileSync(join(rig.directory, name), 'x');
  writeFileSync(join(rig.directory, 'logs-2020-01-01T00-00-00.000-size.jsonl'), 'of the Collector');
  const sink = await rig.started({ rotation: rotation({ max_megabytes: 1, max_backups: 2 }) });
  for (const letter of 'abcd') {
    await sendBytes(sink, line(MEGABYTE, letter));
    await rig.clock.advance(1000);
  }
  expect(rig.names).toEqual(
    [...foreign, 'logs-2023-11-14T22-13-22.000.jsonl', 'logs-2023-11-14T22-13-23.000.jsonl', 'logs.jsonl'].toSorted(),
  );
});

it('files older than max_days are removed at the next rotation and at the start, whatever their number', async () => {
  const rig = new Rig();
  const settings = { rotation: rotation({ max_megabytes: 1, max_days: 2 }) };
  const sink = await rig.started(settings);
  for (const letter of 'abc') {
    await sendBytes(sink, line(MEGABYTE, letter));
    await rig.clock.advance(1.5 * DAY_MS);
  }
  expect(rig.names).toHaveLength(3);
  await sendBytes(sink, line(MEGABYTE, 'd'));
  expect(rig.names).toEqual(['logs-2023-11-17T22-13-20.000.jsonl', 'logs-2023-11-19T10-13-20.000.jsonl', 'logs.jsonl']);
  await sink.shutdown();
  await rig.clock.advance(3 * DAY_MS);
  await rig.started(settings);
  expect(rig.names).toEqual(['logs.jsonl']);
});

it('without rotation a file grows without limit', async () => {
  const rig = new Rig();
  const sink = await rig.started({});
  for (const letter of 'ab') await sendBytes(sink, line(101 * MEGABYTE, letter));
  expect(rig.names).toEqual(['logs.jsonl']);
});

it('a rotation that fails is tried again, and what was not written is refused for later', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  const sink = await rig.started({ rotation: rotation({ max_megabytes: 1 }) }, fs);
  await sendBytes(sink, line(MEGABYTE, 'a'));
  fs.fail('rename', 'EACCES');
  const error = await sendBytes(sink, line(10, 'b')).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'FILE_WRITE', retryable: true });
  fs.heal();
  fs.fail('open', 'EMFILE');
  await expect(sendBytes(sink, line(10, 'c'))).rejects.toMatchObject({ retryable: true });
  fs.heal();
  await sendBytes(sink, line(10, 'd'));
  expect(rig.names.map((name) => rig.read(name))).toEqual([line(MEGABYTE, 'a').toString(), line(10, 'd').toString()]);
});

it('old files that cannot be removed are reported, and nothing else suffers', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  fs.fail('remove', 'EPERM');
  const sink = await rig.started({ rotation: rotation({ max_megabytes: 1, max_backups: 1 }) }, fs);
  for (const letter of 'abc') await sendBytes(sink, line(MEGABYTE, letter));
  expect(rig.names).toHaveLength(3);
  expect(rig.host.recordedLog.lines.map(({ level }) => level)).toContain('warn');
});

it('names carry the time before all extensions of format, compression and encryption', () => {
  const at = Date.UTC(2026, 10, 21, 2, 3, 4, 5);
  const nameOf = (path: string, localtime = false) => new BackupNames(path, { localtime }).pathAt(at);
  expect(nameOf('data/logs.jsonl.zst.age')).toBe('data/logs-2026-11-21T02-03-04.005.jsonl.zst.age');
  expect(nameOf('data.json')).toBe('data-2026-11-21T02-03-04.005.json');
  expect(nameOf('/var/log/telemetry')).toBe('/var/log/telemetry-2026-11-21T02-03-04.005');
  expect(nameOf('.hidden')).toBe('.hidden-2026-11-21T02-03-04.005');
});

it('a name tells its time again, in local time, too', () => {
  for (const localtime of [false, true]) {
    const names = new BackupNames('/x/logs.jsonl.zst', { localtime });
    const atMs = Date.UTC(2026, 6, 1, 12, 30, 0, 123);
    for (const note of [undefined, 'incomplete']) {
      const path = names.pathAt(atMs, note);
      expect(names.parse(path.slice('/x/'.length))).toEqual({ path, atMs });
    }
    expect(names.parse('logs.jsonl.zst')).toBeUndefined();
    expect(names.parse('logs-2026-13-45T99-99-99.000.jsonl.zst')).toBeUndefined();
  }
});
