import { describe, expect, it } from 'vitest';
import { AgeEncryptor } from './age/age-encryptor.ts';
import { generateIdentity, recipientOf } from './age/age-keys.ts';
import { compress } from './compress.ts';
import { DETECTION_BYTES, detectCompression, isAge } from './detect.ts';
import { fileNameOfLayers, layersOfFileName } from './file-layers.ts';
import { CHECKED_CODECS, cut, drain, logLines } from './testing/samples.ts';
import { unsealStream } from './unseal-stream.ts';

const identity = generateIdentity();

describe('by the first bytes', () => {
  it.each(CHECKED_CODECS)('%s is recognised', (codec) => {
    const start = compress(logLines(100), { codec }).subarray(0, DETECTION_BYTES);
    expect(detectCompression(start)).toBe(codec);
    expect(isAge(start)).toBe(false);
  });

  it('age is recognised, and is not a compression', () => {
    const start = new AgeEncryptor([recipientOf(identity)]).end().subarray(0, DETECTION_BYTES);
    expect(isAge(start)).toBe(true);
    expect(detectCompression(start)).toBeUndefined();
  });

  it('plain text and too little are nothing', () => {
    for (const text of ['', '{"resourceLogs":[]}', 'age', '\u001f']) {
      expect(detectCompression(Buffer.from(text))).toBeUndefined();
      expect(isAge(Buffer.from(text))).toBe(false);
    }
  });
});

describe('by the file name', () => {
  it.each([
    ['x.jsonl.zst.age', 'x.jsonl', ['age', 'zstd']],
    ['logs.gz/x.jsonl.LZ4', 'logs.gz/x.jsonl', ['lz4']],
    ['x.gz.gz', 'x', ['gzip', 'gzip']],
    ['x.age.bak', 'x.age.bak', []],
    ['.gz', '.gz', []],
    ['dir/.age', 'dir/.age', []],
    ['x', 'x', []],
  ] as const)('%s is %s under %j', (name, baseName, layers) => {
    expect(layersOfFileName(name)).toEqual({ baseName, layers });
  });

  it('layers make the name that they are read from', () => {
    const file = { baseName: 'out/x.jsonl', layers: ['age', 'zstd'] } as const;
    expect(fileNameOfLayers(file)).toBe('out/x.jsonl.zst.age');
    expect(layersOfFileName(fileNameOfLayers(file))).toEqual(file);
  });
});

describe('unsealing by the first bytes', () => {
  const seal = (bytes: Uint8Array): Buffer => {
    const encryptor = new AgeEncryptor([recipientOf(identity)]);
    return Buffer.concat([encryptor.write(bytes), encryptor.end()]);
  };

  it.each(['none', ...CHECKED_CODECS] as const)('%s, encrypted or not, gives the content', async (codec) => {
    const compressed = compress(logLines(300_000), { codec });
    for (const file of [compressed, seal(compressed)]) {
      for (const sizes of [[1, 5, 100_000], [1_000_000]]) {
        const { bytes, error } = await drain(unsealStream(cut(file, sizes), { identities: [identity] }));
        expect(error).toBeUndefined();
        expect(bytes.equals(logLines(300_000))).toBe(true);
      }
    }
  });

  it('damage to an encrypted file is reported with its offset in the file, after the batches before it', async () => {
    const batches = Array.from({ length: 40 }, (_, at) => logLines(20_000 + at));
    const file = seal(Buffer.concat(batches.map((bytes) => compress(bytes, { codec: 'zstd', level: -7 }))));
    const payload = file.indexOf('\n', file.indexOf('\n--- ') + 1) + 1 + 16;
    file[payload + 65_552 + 100] ^= 1;
    const { bytes, error } = await drain(unsealStream(cut(file, [30_000]), { identities: [identity] }));
    expect(error).toMatchObject({ name: 'AgeError', code: 'ALTERED', offset: payload + 65_552 });
    expect(bytes.byteLength).toBeGreaterThan(200_000);
    expect(Buffer.concat(batches).subarray(0, bytes.byteLength).equals(bytes)).toBe(true);
  });
});
