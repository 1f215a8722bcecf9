import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cut, cutSizes, drain, flipBit, noise } from '../testing/samples.ts';
import { AGE_CHUNK_BYTES, AGE_SEALED_CHUNK_BYTES, sealChunks } from './age-chunks.ts';
import { AgeEncryptor, startAgeFile } from './age-encryptor.ts';
import { AgeError } from './age-error.ts';
import { generateIdentity, recipientOf } from './age-keys.ts';
import { decryptStream } from './decrypt-stream.ts';

const identity = generateIdentity();
const recipients = [recipientOf(identity)];
const CONTENT = noise(3 * AGE_CHUNK_BYTES + 1000);

const file = ((): Buffer => {
  const encryptor = new AgeEncryptor(recipients);
  return Buffer.concat([encryptor.write(CONTENT), encryptor.end()]);
})();
/** Where the first chunk begins. */
const PAYLOAD = startAgeFile(recipients).header.byteLength;

const decrypt = (bytes: Uint8Array, sizes: readonly number[] = [40_000]): ReturnType<typeof drain> =>
  drain(decryptStream(cut(bytes, sizes), { identities: [identity] }));
const wholeChunks = (chunks: number): Buffer => Buffer.from(CONTENT.subarray(0, chunks * AGE_CHUNK_BYTES));

describe('a truncated file', () => {
  it.each([0, 1, 2, 3])('cut behind chunk %d: all chunks before are yielded, then TRUNCATED', async (chunks) => {
    const length = PAYLOAD + chunks * AGE_SEALED_CHUNK_BYTES;
    for (const sizes of [[40_000], [1_000_000], [AGE_SEALED_CHUNK_BYTES], [1, 65_551]]) {
      const { bytes, error } = await decrypt(file.subarray(0, length), sizes);
      expect(bytes.equals(wholeChunks(chunks))).toBe(true);
      expect(error).toMatchObject({ code: 'TRUNCATED', offset: length });
    }
  });

  it.each([1, 15, 16, 17, 1000, 65_535, 65_536, 65_551])(
    'cut %d bytes into a chunk: all before are yielded, then TRUNCATED',
    async (into) => {
      for (const chunks of [0, 1, 2]) {
        const length = PAYLOAD + chunks * AGE_SEALED_CHUNK_BYTES + into;
        const { bytes, error } = await decrypt(file.subarray(0, length));
        expect(bytes.equals(wholeChunks(chunks))).toBe(true);
        expect(error).toMatchObject({ code: 'TRUNCATED', offset: length });
      }
    },
  );

  it('cut anywhere in the header: TRUNCATED, nothing yielded', async () => {
    for (let length = 0; length < PAYLOAD; length++) {
      const { bytes, error } = await decrypt(file.subarray(0, length));
      expect(bytes).toHaveLength(0);
      expect(error).toMatchObject({ code: 'TRUNCATED', offset: length });
    }
  });
});

describe('an altered file', () => {
  it('every bit of the header matters', async () => {
    for (let bit = 0; bit < PAYLOAD * 8; bit++) {
      const { bytes, error } = await decrypt(flipBit(file.subarray(0, PAYLOAD + 30_000), bit), [1_000_000]);
      expect(bytes).toHaveLength(0);
      expect(error, `bit ${bit}`).toBeInstanceOf(AgeError);
    }
  });

  it('a changed bit in a chunk: all chunks before are yielded, then the error at the chunk’s offset', async () => {
    const payloadBits = (file.byteLength - PAYLOAD) * 8;
    await fc.assert(
      fc.asyncProperty(fc.nat(payloadBits - 1), cutSizes, async (bit, sizes) => {
        const chunk = Math.floor(bit / 8 / AGE_SEALED_CHUNK_BYTES);
        const { bytes, error } = await decrypt(flipBit(file, PAYLOAD * 8 + bit), sizes);
        expect(bytes.equals(wholeChunks(chunk))).toBe(true);
        const offset = PAYLOAD + chunk * AGE_SEALED_CHUNK_BYTES;
        // The last, shorter chunk may as well have been cut: the two cannot be told apart.
        const expected = chunk === 3 ? { code: 'TRUNCATED', offset: file.byteLength } : { code: 'ALTERED', offset };
        expect(error).toMatchObject(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('a whole last chunk that was changed is ALTERED', async () => {
    const { header, state } = startAgeFile(recipients);
    const sealed = sealChunks(CONTENT.subarray(0, 2 * AGE_CHUNK_BYTES), { ...state, final: true });
    const { bytes, error } = await decrypt(flipBit(Buffer.concat([header, sealed]), (header.byteLength + 70_000) * 8));
    expect(bytes.equals(wholeChunks(1))).toBe(true);
    expect(error).toMatchObject({ code: 'ALTERED', offset: header.byteLength + AGE_SEALED_CHUNK_BYTES });
  });

  it('chunks that were swapped, dropped or doubled are ALTERED', async () => {
    const chunk = (number: number): Buffer => {
      const start = PAYLOAD + number * AGE_SEALED_CHUNK_BYTES;
      return file.subarray(start, start + AGE_SEALED_CHUNK_BYTES);
    };
    const header = file.subarray(0, PAYLOAD);
    for (const order of [
      [0, 2, 1, 3],
      [0, 2, 3],
      [0, 0, 1, 2, 3],
    ]) {
      const { bytes, error } = await decrypt(Buffer.concat([header, ...order.map(chunk)]));
      expect(bytes.equals(wholeChunks(1))).toBe(true);
      expect(error).toMatchObject({ code: 'ALTERED', offset: PAYLOAD + AGE_SEALED_CHUNK_BYTES });
    }
  });

  it('data after a whole final chunk is ALTERED, at its offset, after all content', async () => {
    const { header, state } = startAgeFile(recipients);
    const sealed = sealChunks(CONTENT.subarray(0, AGE_CHUNK_BYTES), { ...state, final: true });
    const { bytes, error } = await decrypt(Buffer.concat([header, sealed, Buffer.from('x')]));
    expect(bytes.equals(wholeChunks(1))).toBe(true);
    expect(error).toMatchObject({ code: 'ALTERED', offset: header.byteLength + AGE_SEALED_CHUNK_BYTES });
  });

  it('an empty final chunk after others is ALTERED', async () => {
    const { header, state } = startAgeFile(recipients);
    const first = sealChunks(CONTENT.subarray(0, AGE_CHUNK_BYTES), { ...state, final: false });
    // sealChunks would not make one: this is the tag of no content, under the nonce of a final second chunk.
    const { createCipheriv } = await import('node:crypto');
    const nonce = Buffer.from('000000000000000000000101', 'hex');
    const cipher = createCipheriv('chacha20-poly1305', state.payloadKey, nonce, { authTagLength: 16 });
    cipher.final();
    const { bytes, error } = await decrypt(Buffer.concat([header, first, cipher.getAuthTag()]));
    expect(bytes.equals(wholeChunks(1))).toBe(true);
    expect(error).toMatchObject({ code: 'ALTERED' });
  });
});

describe('a header', () => {
  const text = file.subarray(0, PAYLOAD - 16).toString();
  const withHeader = (changed: string): Buffer =>
    Buffer.concat([Buffer.from(changed, 'latin1'), file.subarray(PAYLOAD - 16)]);
  const [version, stanza, body, mac] = text.split('\n');
  const lines = (...all: string[]): string => `${all.join('\n')}\n`;

  it('is read back as it is from its own lines', async () => {
    const { error } = await decrypt(withHeader(lines(version, stanza, body, mac)));
    expect(error).toBeUndefined();
  });

  it.each([
    ['another version', lines('age-encryption.org/v2', stanza, body, mac)],
    ['no file of age’s', '{"resourceLogs":[]}\n'],
    ['line ends of Windows', text.replaceAll('\n', '\r\n')],
    ['no recipients', lines(version, mac)],
    ['a recipient without a type', lines(version, '-> ', body, mac)],
    ['two spaces', lines(version, stanza.replace('X25519 ', 'X25519  '), body, mac)],
    ['a share that is too short', lines(version, stanza.slice(0, -4), body, mac)],
    ['an argument too many', lines(version, `${stanza} more`, body, mac)],
    ['padding', lines(version, stanza, `${body}=`, mac)],
    ['a body that is too short', lines(version, stanza, body.slice(4), mac)],
    ['a body line that is too long', lines(version, stanza, 'A'.repeat(65), mac)],
    ['a full line without a last one', lines(version, '-> other', 'A'.repeat(64), mac)],
    ['a MAC that is too short', lines(version, stanza, body, mac.slice(0, -1))],
    ['characters that are not ASCII', lines(version, '-> gr\u00fc\u00df', '', stanza, body, mac)],
    ['a passphrase beside a recipient', lines(version, '-> scrypt bBTGV+3Gg1IGrrpdY2tUsg 10', body, stanza, body, mac)],
  ])('with %s is malformed', async (_what, changed) => {
    for (const sizes of [[1], [1_000_000]]) {
      const { bytes, error } = await decrypt(withHeader(changed), sizes);
      expect(error).toMatchObject({ code: 'MALFORMED_HEADER' });
      expect(bytes).toHaveLength(0);
    }
  });

  it('with an unknown kind of recipient added is well-formed, and ALTERED', async () => {
    const { error } = await decrypt(withHeader(lines(version, '-> other arg', 'AAAA', stanza, body, mac)));
    expect(error).toMatchObject({ code: 'ALTERED' });
  });

  it('that never ends is refused before it is held whole', async () => {
    let given = 0;
    function* source(): Generator<Uint8Array> {
      yield Buffer.from(`${version}\n-> X25519 A\n`);
      for (; given < 100_000_000; given += 65_536) yield Buffer.alloc(65_536, 'A');
    }
    const { error } = await drain(decryptStream(source(), { identities: [identity] }));
    expect(error).toMatchObject({ code: 'MALFORMED_HEADER' });
    expect(given).toBeLessThan(400_000);
  });

  it('that is not age’s at all is refused at its first bytes', async () => {
    let pieces = 0;
    function* source(): Generator<Uint8Array> {
      while (true) {
        pieces++;
        yield Buffer.from('plain');
      }
    }
    const { error } = await drain(decryptStream(source(), { identities: [identity] }));
    expect(error).toMatchObject({ code: 'MALFORMED_HEADER', offset: 0 });
    expect(pieces).toBe(1);
  });
});
