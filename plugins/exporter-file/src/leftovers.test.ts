import { compress, formatRecipient, generateIdentity, recipientOf } from '@millrace/codec';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileExporterConfig } from './config.ts';
import { messagesOf } from './length-prefix.ts';
import { Rig, rotation, sendBytes } from './testing/rig.ts';

const recipients = [formatRecipient(recipientOf(generateIdentity()))];
const ASIDE = 'logs-2023-11-14T22-13-20.000.jsonl';
const INCOMPLETE = 'logs-2023-11-14T22-13-20.000-incomplete.jsonl';

/** A file that a writer left behind; `crashed`: without having finished. */
function leave(rig: Rig, content: Uint8Array | string, { crashed = false } = {}): void {
  writeFileSync(rig.path, content);
  if (crashed) writeFileSync(join(rig.directory, '.logs.jsonl.lock'), '');
}

async function restart(rig: Rig, changes: Partial<FileExporterConfig>, bytes: string | Uint8Array): Promise<void> {
  const sink = await rig.started(changes);
  await sendBytes(sink, Uint8Array.from(Buffer.from(bytes)));
  await sink.shutdown();
}

const warnings = (rig: Rig) => rig.host.recordedLog.lines.filter(({ level }) => level === 'warn').length;

it('without append and rotation an existing file is emptied, as by the Collector', async () => {
  const rig = new Rig();
  leave(rig, '{"old":1}\n');
  await restart(rig, {}, '{"new":1}\n');
  expect(rig.read()).toBe('{"new":1}\n');
  expect(rig.names).toEqual(['logs.jsonl']);
});

describe.each([
  ['append', { append: true }],
  ['rotation', { rotation: rotation() }],
] as const)('with %s', (_name, changes) => {
  it('an existing file is continued', async () => {
    const rig = new Rig();
    leave(rig, '{"old":1}\n');
    await restart(rig, changes, '{"new":1}\n');
    expect(rig.read()).toBe('{"old":1}\n{"new":1}\n');
    expect(warnings(rig)).toBe(0);
  });

  it('a torn last line is cut off, with a warning', async () => {
    const rig = new Rig();
    leave(rig, `{"old":1}\n{"torn":"${'x'.repeat(200_000)}`, { crashed: true });
    await restart(rig, changes, '{"new":1}\n');
    expect(rig.read()).toBe('{"old":1}\n{"new":1}\n');
    expect(warnings(rig)).toBe(1);
  });

  it('a file that is nothing but a torn line is begun again', async () => {
    const rig = new Rig();
    leave(rig, '{"torn":', { crashed: true });
    await restart(rig, changes, '{"new":1}\n');
    expect(rig.read()).toBe('{"new":1}\n');
  });

  it.each([1, 3, 4, 5, 11])('a message that is torn after %i bytes is cut off', async (bytes) => {
    const rig = new Rig();
    const whole = messagesOf([Buffer.from('first'), Buffer.from('second')]);
    const torn = messagesOf([Buffer.from('the third')]).subarray(0, bytes);
    leave(rig, Buffer.concat([whole, torn]), { crashed: true });
    const next = messagesOf([Buffer.from('fourth')]);
    await restart(rig, { ...changes, format: 'proto' }, next);
    expect(readFileSync(rig.path)).toEqual(Buffer.concat([whole, next]));
    expect(warnings(rig)).toBe(1);
  });

  it.each(['gzip', 'zstd', 'lz4'] as const)('a finished %s file is continued', async (compression) => {
    const rig = new Rig();
    const frame = compress(Buffer.from('{"old":1}\n'), { codec: compression });
    leave(rig, frame);
    await restart(rig, { ...changes, compression }, frame);
    expect(readFileSync(rig.path)).toEqual(Buffer.concat([frame, frame]));
  });

  it('a compressed file of a crashed writer is set aside, as it may end within a frame', async () => {
    const rig = new Rig();
    const frame = compress(Buffer.from('{"old":1}\n'), { codec: 'zstd' });
    leave(rig, frame.subarray(0, 12), { crashed: true });
    await restart(rig, { ...changes, compression: 'zstd' }, frame);
    expect(rig.names).toEqual([INCOMPLETE, 'logs.jsonl']);
    expect(readFileSync(rig.path)).toEqual(Buffer.from(frame));
  });

  it.each([
    ['another compression', compress(Buffer.from('{}'), { codec: 'gzip' })],
    ['another format', messagesOf([Buffer.from('a message')])],
    ['something else altogether', 'hello'],
  ])('a file of %s is set aside', async (_what, content) => {
    const rig = new Rig();
    leave(rig, content);
    await restart(rig, changes, '{"new":1}\n');
    expect(readFileSync(join(rig.directory, ASIDE))).toEqual(Buffer.from(content));
    expect(rig.read()).toBe('{"new":1}\n');
    expect(warnings(rig)).toBe(1);
  });
});

describe('encrypted', () => {
  const encryption = { recipients };

  it('a finished file is set aside, never emptied or continued', async () => {
    const rig = new Rig();
    await restart(rig, { encryption }, '{"old":1}\n');
    const old = readFileSync(rig.path);
    await restart(rig, { encryption }, '{"new":1}\n');
    expect(rig.names).toEqual([ASIDE, 'logs.jsonl']);
    expect(readFileSync(join(rig.directory, ASIDE))).toEqual(old);
  });

  it('the name of a file whose writer crashed says that it is incomplete', async () => {
    const rig = new Rig();
    leave(rig, 'age-encryption.org/v1\n...', { crashed: true });
    await restart(rig, { encryption }, '{"new":1}\n');
    expect(rig.names).toEqual([INCOMPLETE, 'logs.jsonl']);
  });

  it('an empty file, such as of a writer that crashed before it wrote, leaves nothing behind', async () => {
    const rig = new Rig();
    leave(rig, '', { crashed: true });
    await restart(rig, { encryption }, '{"new":1}\n');
    expect(rig.names).toEqual(['logs.jsonl']);
  });

  it('a plain exporter does not empty an encrypted file either', async () => {
    const rig = new Rig();
    leave(rig, 'age-encryption.org/v1\n...');
    await restart(rig, {}, '{"new":1}\n');
    expect(rig.names).toEqual([ASIDE, 'logs.jsonl']);
  });
});

it('a clean end removes the mark of a writer at work, a start sets it', async () => {
  const rig = new Rig();
  const mark = join(rig.directory, '.logs.jsonl.lock');
  const sink = await rig.started();
  expect(statSync(mark).mode & 0o777).toBe(0o600);
  await sink.shutdown();
  expect(existsSync(mark)).toBe(false);
});

it('a start that fails leaves the mark of a crashed writer', async () => {
  const rig = new Rig();
  mkdirSync(rig.path);
  writeFileSync(join(rig.directory, '.logs.jsonl.lock'), '');
  await expect(rig.started({})).rejects.toMatchObject({ code: 'PATH_IS_DIRECTORY' });
  expect(existsSync(join(rig.directory, '.logs.jsonl.lock'))).toBe(true);
});
