import { AgeDecryptor, formatRecipient, generateIdentity, recipientOf } from '@millrace/codec';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FailingFileSystem } from './testing/failing-file-system.ts';
import { Rig, rotation, sendBytes, until } from './testing/rig.ts';

const identity = generateIdentity();
const encryption = { recipients: [formatRecipient(recipientOf(identity))] };
const CHUNK = 65536;
const SEALED_CHUNK = CHUNK + 16;

/** A line of `bytes` bytes. */
const line = (bytes: number, letter = 'a') => Buffer.from(`{${letter.repeat(bytes - 2)}\n`);
const sizeOf = (rig: Rig) => statSync(rig.path).size;
/** Whole chunks in the file. */
const chunksOf = (rig: Rig) => Math.floor(sizeOf(rig) / SEALED_CHUNK);

/** What a file says as far as it is there, and why it could not be read to its end. */
function decrypt(path: string): { text: string; error: unknown } {
  const decryptor = new AgeDecryptor([identity]);
  let text = '';
  try {
    for (const part of decryptor.write(readFileSync(path))) text += Buffer.from(part).toString();
    for (const part of decryptor.end()) text += Buffer.from(part).toString();
  } catch (error) {
    return { text, error };
  }
  return { text, error: undefined };
}

it('what does not fill a chunk waits in memory, and is there in the end', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption });
  await sendBytes(sink, line(1000));
  expect(sizeOf(rig)).toBe(0);
  await rig.clock.advance(999);
  expect(sizeOf(rig)).toBe(0);
  await sink.shutdown();
  expect(decrypt(rig.path)).toEqual({ text: line(1000).toString(), error: undefined });
});

it('whole chunks are written at flush_interval, without padding while that would be dear', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption });
  await sendBytes(sink, line(CHUNK + 1000));
  expect(sizeOf(rig)).toBe(0);
  await rig.clock.advance(1000);
  await until(() => chunksOf(rig) === 1);
  await rig.clock.advance(10_000);
  expect(chunksOf(rig)).toBe(1);
});

it('much data is sealed in large pieces as it comes', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption });
  for (let batch = 0; batch < 64; batch++) await sendBytes(sink, line(CHUNK));
  expect(chunksOf(rig)).toBe(64);
  expect(Math.min(...rig.jobs)).toBeGreaterThanOrEqual(4 * CHUNK);
  await Promise.all(Array.from({ length: 100 }, () => sendBytes(sink, line(CHUNK))));
  expect(chunksOf(rig)).toBe(164);
  expect(Math.max(...rig.jobs)).toBeGreaterThan(32 * CHUNK);
});

it('the rest is padded at flush_interval where padding stays below a tenth of the file', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption });
  await sendBytes(sink, line(12 * CHUNK + 30_000));
  await rig.clock.advance(1000);
  await until(() => chunksOf(rig) === 13);
  expect(rig.clock.pending).toBe(0);
  await sendBytes(sink, line(1000));
  await rig.clock.advance(1000);
  expect(chunksOf(rig)).toBe(13);
  await sink.shutdown();
  expect(decrypt(rig.path).error).toBeUndefined();
});

it('the rest is padded after seal_after at any price, and then a crash loses nothing', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption, seal_after: 5000 });
  await sendBytes(sink, line(10));
  await rig.clock.advance(4000);
  expect(sizeOf(rig)).toBe(0);
  await rig.clock.advance(1000);
  await until(() => chunksOf(rig) === 1);
  expect(decrypt(rig.path)).toMatchObject({
    text: line(10).toString() + '\n'.repeat(CHUNK - 10),
    error: { code: 'TRUNCATED' },
  });
});

it('with seal_after: 0 nothing dear is padded, however long it takes', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption, seal_after: 0 });
  await sendBytes(sink, line(10));
  await rig.clock.advance(60 * 60 * 1000);
  expect(sizeOf(rig)).toBe(0);
});

it('a steady trickle costs a tenth at most, seal_after aside', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption, seal_after: 0 });
  let sent = 0;
  for (let second = 0; second < 300; second++) {
    await sendBytes(sink, line(20_000));
    sent += 20_000;
    await rig.clock.advance(1000);
  }
  await sink.shutdown();
  expect(sizeOf(rig)).toBeLessThan(sent * 1.12);
  expect(rig.jobs.length).toBeGreaterThan(90);
});

it('rotated encrypted files are each whole', async () => {
  const rig = new Rig();
  const sink = await rig.started({ encryption, rotation: rotation({ max_megabytes: 1 }) });
  const letters = 'abcdefgh'.split('');
  for (const letter of letters) await sendBytes(sink, line(300_000, letter));
  await sink.shutdown();
  expect(rig.names).toHaveLength(3);
  const texts = rig.names.map((name) => {
    expect(statSync(join(rig.directory, name)).size).toBeLessThanOrEqual(1024 * 1024);
    const { text, error } = decrypt(join(rig.directory, name));
    expect(error).toBeUndefined();
    return text;
  });
  expect(texts.join('')).toBe(letters.map((letter) => line(300_000, letter).toString()).join(''));
});

it('a full disk loses nothing of what was taken: it is written when there is room', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  const sink = await rig.started({ encryption }, fs);
  fs.roomBytes = SEALED_CHUNK + 10_000;
  await sendBytes(sink, line(5 * CHUNK, 'a'));
  expect(rig.host.statuses.at(-1)).toMatchObject({ status: 'recoverable_error' });
  // Whoever comes next is refused: what is held is bounded.
  await expect(sendBytes(sink, line(10, 'b'))).rejects.toMatchObject({ code: 'FILE_WRITE', retryable: true });
  expect(sizeOf(rig)).toBe(0);
  fs.heal();
  await sendBytes(sink, line(10, 'c'));
  expect(rig.host.statuses.at(-1)).toMatchObject({ status: 'ok' });
  await sink.shutdown();
  expect(decrypt(rig.path)).toEqual({
    text: line(5 * CHUNK, 'a').toString() + line(10, 'c').toString(),
    error: undefined,
  });
});

it('a failed flush is repeated without anybody sending', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  const sink = await rig.started({ encryption }, fs);
  fs.fail('write', 'EIO');
  await sendBytes(sink, line(CHUNK));
  await rig.clock.advance(1000);
  await until(() => rig.host.statuses.at(-1)?.status === 'recoverable_error');
  fs.heal();
  await rig.clock.advance(1000);
  await until(() => rig.host.statuses.at(-1)?.status === 'ok');
  expect(chunksOf(rig)).toBe(1);
});

it('a chunk is never sealed with two contents: what was refused as not yet safe stays in the file', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  const sink = await rig.started({ encryption, fsync: true }, fs);
  fs.fail('sync', 'EIO');
  await expect(sendBytes(sink, line(10, 'a'))).rejects.toMatchObject({ retryable: true });
  fs.heal();
  await sendBytes(sink, line(10, 'a'));
  await sink.shutdown();
  const { text, error } = decrypt(rig.path);
  expect(error).toBeUndefined();
  expect(text.replaceAll(/\n+/g, '\n')).toBe(line(10, 'a').toString().repeat(2));
});

it('a file that cannot be finished says so, and its successor calls it incomplete', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  const sink = await rig.started({ encryption }, fs);
  await sendBytes(sink, line(5 * CHUNK + 100));
  fs.roomBytes = 0;
  await sink.shutdown();
  expect(rig.host.recordedLog.lines.at(-1)).toMatchObject({ level: 'error', fields: { lostBytes: 100 } });
  await rig.started({ encryption });
  expect(rig.names[0]).toMatch(/-incomplete\.jsonl$/);
});

it('a rotation that fails at its end takes nothing more into the ended file', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  const sink = await rig.started({ encryption, rotation: rotation({ max_megabytes: 1 }) }, fs);
  await sendBytes(sink, line(900_000, 'a'));
  fs.fail('write', 'ENOSPC');
  await expect(sendBytes(sink, line(200_000, 'b'))).rejects.toMatchObject({ retryable: true });
  await expect(sendBytes(sink, line(10, 'c'))).rejects.toMatchObject({ retryable: true });
  fs.heal();
  await sendBytes(sink, line(10, 'd'));
  await sink.shutdown();
  expect(rig.names.map((name) => decrypt(join(rig.directory, name)))).toEqual([
    { text: line(900_000, 'a').toString(), error: undefined },
    { text: line(10, 'd').toString(), error: undefined },
  ]);
});
