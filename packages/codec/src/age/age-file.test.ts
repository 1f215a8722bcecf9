import { Decrypter, Encrypter } from 'age-encryption';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chunkPadding, paddingFrame } from '../frame-padding.ts';
import { INSTALL_TIMEOUT_MS, ensurePrograms, runProgram } from '../testing/debian-programs.ts';
import { cut, cutSizes, drain, noise } from '../testing/samples.ts';
import { AGE_CHUNK_BYTES, sealChunks } from './age-chunks.ts';
import { AgeEncryptor, continueAgeFile, startAgeFile, type AgeFileState } from './age-encryptor.ts';
import { formatIdentity, formatRecipient, generateIdentity, recipientOf, type AgeIdentity } from './age-keys.ts';
import { decryptStream } from './decrypt-stream.ts';

const identity = generateIdentity();
const recipients = [recipientOf(identity)];
const SIZES = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000, 262_144];

const encrypt = (bytes: Uint8Array, sizes: readonly number[] = [1_000_000], to = recipients): Buffer => {
  const encryptor = new AgeEncryptor(to);
  return Buffer.concat([...cut(bytes, sizes).map((piece) => encryptor.write(piece)), encryptor.end()]);
};
const decrypt = (
  file: Uint8Array,
  sizes: readonly number[] = [50_000],
  identities: readonly AgeIdentity[] = [identity],
): ReturnType<typeof drain> => drain(decryptStream(cut(file, sizes), { identities }));

describe('round trip', () => {
  it.each(SIZES)('%d bytes come back, in a file of the length that the format gives', async (size) => {
    const bytes = noise(size);
    const file = encrypt(bytes);
    expect(await decrypt(file)).toEqual({ bytes: Buffer.from(bytes), error: undefined });
    const header = encrypt(new Uint8Array(0)).byteLength - 16;
    expect(file.byteLength).toBe(header + size + 16 * Math.max(1, Math.ceil(size / AGE_CHUNK_BYTES)));
  });

  it('does not depend on how the input is cut, on either side', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...SIZES), cutSizes, cutSizes, async (size, writeSizes, readSizes) => {
        const { bytes, error } = await decrypt(encrypt(noise(size), writeSizes), readSizes);
        expect(error).toBeUndefined();
        expect(bytes.equals(noise(size))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it('reads a file that arrives byte by byte', async () => {
    const { bytes, error } = await decrypt(encrypt(noise(70_000)), [1]);
    expect(error).toBeUndefined();
    expect(bytes.equals(noise(70_000))).toBe(true);
  });

  it('an input buffer may be reused as soon as it was taken', async () => {
    const file = encrypt(noise(200_000));
    const encryptor = new AgeEncryptor(recipients);
    const buffer = Buffer.alloc(30_000);
    const sealed: Uint8Array[] = [];
    for (const piece of cut(file, [30_000])) {
      buffer.set(piece);
      sealed.push(encryptor.write(buffer.subarray(0, piece.byteLength)));
      buffer.fill(0);
    }
    const { bytes } = await decrypt(Buffer.concat([...sealed, encryptor.end()]));
    expect(bytes.equals(file)).toBe(true);
  });

  it('each of several recipients can read, and nobody else', async () => {
    const others = [generateIdentity(), generateIdentity(), generateIdentity()];
    const file = encrypt(noise(1000), [1000], [...recipients, ...others.map(recipientOf)]);
    for (const reader of [identity, ...others]) {
      expect((await decrypt(file, [1000], [generateIdentity(), reader])).bytes.equals(noise(1000))).toBe(true);
    }
    const { bytes, error } = await decrypt(file, [1000], [generateIdentity()]);
    expect(error).toMatchObject({ code: 'NO_MATCHING_IDENTITY', retryable: false });
    expect(bytes).toHaveLength(0);
  });

  it('two files of the same content have nothing in common but the version', () => {
    const [first, second] = [encrypt(noise(1000)), encrypt(noise(1000))];
    expect(first.subarray(40).equals(second.subarray(40))).toBe(false);
    expect(() => encrypt(noise(1), [1], [])).toThrow(RangeError);
  });
});

describe('sealing step by step', () => {
  it('is a pure function of state and bytes, also over shared memory and on another thread', async () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(300_000));
    bytes.set(noise(300_000));
    const { header, state: start } = startAgeFile(recipients);
    const file: Uint8Array[] = [header];
    let state: AgeFileState = start;
    for (let at = 0; at < bytes.byteLength; at += 100_000) {
      const piece = bytes.subarray(at, at + 100_000);
      const step = continueAgeFile(state, piece, { final: false });
      const again = continueAgeFile(structuredClone(state), Uint8Array.from(piece), { final: false });
      expect(again).toEqual(step);
      expect(step.state.pending.buffer).toBeInstanceOf(ArrayBuffer);
      file.push(step.sealed);
      state = step.state;
    }
    file.push(continueAgeFile(state, new Uint8Array(0), { final: true }).sealed);
    const { bytes: restored } = await decrypt(Buffer.concat(file));
    expect(restored.equals(noise(300_000))).toBe(true);
  });

  it('with padding between frames, everything is in the file after each batch', async () => {
    const { header, state: start } = startAgeFile(recipients);
    let state: AgeFileState = start;
    const file: Uint8Array[] = [header];
    for (const size of [10, 65_536, 70_000]) {
      const batch = Buffer.concat([noise(size), chunkPadding('zstd', size)]);
      const step = continueAgeFile(state, batch, { final: false, moreFollows: true });
      expect(step.state.pending).toHaveLength(0);
      file.push(step.sealed);
      state = step.state;
      const { bytes, error } = await decrypt(Buffer.concat(file));
      expect(error).toMatchObject({ code: 'TRUNCATED' });
      expect(bytes.subarray(-batch.byteLength).equals(batch)).toBe(true);
    }
    file.push(continueAgeFile(state, paddingFrame('zstd', 8), { final: true }).sealed);
    expect((await decrypt(Buffer.concat(file))).error).toBeUndefined();
  });

  it('what would break the format is refused', () => {
    const payloadKey = noise(32);
    const seal = (length: number, counter: number, final: boolean) => () =>
      sealChunks(new Uint8Array(length), { payloadKey, counter, final });
    expect(seal(1000, 0, false)).toThrow(RangeError);
    expect(seal(0, 1, true)).toThrow(RangeError);
    expect(seal(0, 0, true)()).toHaveLength(16);
    expect(seal(131_072, 5, false)()).toHaveLength(131_104);
  });

  it('the counter is not cut at 32 bits', () => {
    const payloadKey = noise(32);
    const [low, high] = [1, 2 ** 32 + 1].map((counter) => sealChunks(noise(10), { payloadKey, counter, final: true }));
    expect(low).not.toEqual(high);
  });
});

describe('interoperability', () => {
  beforeAll(() => ensurePrograms(['age']), INSTALL_TIMEOUT_MS);

  const withKeyFile = <Result>(use: (path: string) => Result): Result => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-age-'));
    try {
      const path = join(folder, 'key.txt');
      writeFileSync(path, `${formatIdentity(identity)}\n`, { mode: 0o600 });
      return use(path);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it.each(SIZES)('the age program reads %d bytes that were encrypted here', (size) => {
    const file = encrypt(noise(size), [10_000], [recipientOf(generateIdentity()), ...recipients]);
    withKeyFile((path) => {
      expect(runProgram('age', ['-d', '-i', path], file).equals(noise(size))).toBe(true);
    });
  });

  it.each(SIZES)('%d bytes that the age program encrypted are read here', async (size) => {
    const others = ['-r', formatRecipient(recipientOf(generateIdentity()))];
    const mine = ['-r', formatRecipient(recipients[0])];
    const file = runProgram('age', ['-e', ...others, ...mine], noise(size));
    const { bytes, error } = await decrypt(file);
    expect(error).toBeUndefined();
    expect(bytes.equals(noise(size))).toBe(true);
  });

  it.each([0, 1, 65_536, 150_000])('%d bytes go to and fro with the age-encryption package', async (size) => {
    const decrypter = new Decrypter();
    decrypter.addIdentity(formatIdentity(identity));
    expect(Buffer.from(await decrypter.decrypt(encrypt(noise(size)))).equals(noise(size))).toBe(true);
    const encrypter = new Encrypter();
    encrypter.addRecipient(formatRecipient(recipients[0]));
    expect((await decrypt(await encrypter.encrypt(noise(size)))).bytes.equals(noise(size))).toBe(true);
  });

  it('an armored file and one with a passphrase are refused with the reason', async () => {
    const armored = runProgram('age', ['-e', '-a', '-r', formatRecipient(recipients[0])], noise(10));
    expect((await decrypt(armored)).error).toMatchObject({ code: 'MALFORMED_HEADER' });
    expect(String((await decrypt(armored)).error)).toMatch(/armored/);
    const encrypter = new Encrypter();
    encrypter.setPassphrase('open sesame');
    encrypter.setScryptWorkFactor(2);
    const { error } = await decrypt(await encrypter.encrypt('text'));
    expect(error).toMatchObject({ code: 'NO_MATCHING_IDENTITY' });
    expect(String(error)).toMatch(/passphrase/);
  });
});
