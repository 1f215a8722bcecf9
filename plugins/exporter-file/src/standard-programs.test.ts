import { formatIdentityFile, formatRecipient, generateIdentity, recipientOf } from '@millrace/codec';
import { ensurePrograms, INSTALL_TIMEOUT_MS, runProgram } from '@millrace/codec/testing';
import { protoToJson } from '@millrace/otlp';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FileExporterConfig } from './config.ts';
import { deliver, Rig } from './testing/rig.ts';
import { bodiesOf, bodiesOfRequests, logsBatch } from './testing/samples.ts';

const identity = generateIdentity();
const recipients = [formatRecipient(recipientOf(identity))];
const PROGRAMS = { gzip: 'gzip', zstd: 'zstd', lz4: 'lz4' } as const;

beforeAll(() => ensurePrograms(['age', 'gzip', 'zstd', 'lz4']), INSTALL_TIMEOUT_MS);

/** What the programs make of a file. */
function unpack(rig: Rig, path: string, settings: FileExporterConfig): Buffer {
  let bytes: Buffer = readFileSync(path);
  if (settings.encryption !== undefined) {
    const key = join(rig.directory, '.key');
    writeFileSync(key, formatIdentityFile(identity, new Date(0)));
    bytes = runProgram('age', ['-d', '-i', key], bytes);
  }
  const { compression } = settings;
  return compression === '' || compression === 'none' ? bytes : runProgram(PROGRAMS[compression], ['-dc'], bytes);
}

/** Messages with their lengths, as JSON lines; padding has no records. */
function linesOfMessages(bytes: Buffer): string {
  let lines = '';
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at);
    lines += `${Buffer.from(protoToJson('logs', bytes.subarray(at + 4, end))).toString()}\n`;
    at = end;
  }
  return lines.replaceAll('{}\n', '');
}

const FORMS = (['json', 'proto'] as const).flatMap((format) =>
  (['none', 'gzip', 'zstd', 'lz4'] as const).map((compression) => ({ format, compression })),
);

describe.each(FORMS)('$format, $compression', ({ format, compression }) => {
  const read = (rig: Rig, settings: FileExporterConfig) => {
    const bytes = unpack(rig, rig.path, settings);
    return bodiesOf(format === 'json' ? bytes.toString() : linesOfMessages(bytes));
  };

  it('the standard programs read what was written, in order', async () => {
    const rig = new Rig();
    const settings = rig.settings({ format, compression });
    const sink = await rig.started(settings);
    for (let number = 0; number < 20; number++) await deliver(sink, settings, logsBatch(number));
    await sink.shutdown();
    expect(read(rig, settings)).toEqual(bodiesOfRequests(0, 20));
    expect(statSync(rig.path).mode & 0o777).toBe(0o600);
  });

  it('encrypted: age and the standard programs read what was written, in order', async () => {
    const rig = new Rig();
    const settings = rig.settings({ format, compression, encryption: { recipients } });
    const sink = await rig.started(settings);
    const batches = compression === 'none' ? 40 : 200;
    const all = Array.from({ length: batches }, (_, number) => deliver(sink, settings, logsBatch(number, 50)));
    await Promise.all(all);
    await sink.shutdown();
    expect(read(rig, settings)).toEqual(bodiesOfRequests(0, batches, 50));
    expect(rig.jobs.length).toBeGreaterThan(1);
  });

  it('encrypted and synced: each batch is on disk, in whole chunks, and the programs see no padding', async () => {
    const rig = new Rig();
    const settings = rig.settings({ format, compression, encryption: { recipients }, fsync: true });
    const sink = await rig.started(settings);
    const chunks: number[] = [];
    for (let number = 0; number < 3; number++) {
      await deliver(sink, settings, logsBatch(number));
      chunks.push(Math.floor(statSync(rig.path).size / 65552));
    }
    expect(chunks).toEqual([1, 2, 3]);
    await sink.shutdown();
    expect(read(rig, settings)).toEqual(bodiesOfRequests(0, 3));
  });
});
