import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCipheriv } from 'node:crypto';
import { inspect } from 'node:util';
import { INSTALL_TIMEOUT_MS, ensurePrograms, runProgram } from '../testing/debian-programs.ts';
import { thrownBy } from '../testing/samples.ts';
import {
  formatIdentity,
  formatRecipient,
  generateIdentity,
  parseIdentity,
  parseRecipient,
  recipientOf,
} from './age-keys.ts';
import { formatIdentityFile, parseIdentityFile, parseRecipientFile } from './key-file.ts';
import { x25519PrivateKey, x25519PublicBytes, x25519Shared } from './x25519.ts';

/** The example of the age specification. */
const IDENTITY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const RECIPIENT = 'age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

describe('the primitives', () => {
  it('X25519 agrees with RFC 7748 section 6.1', () => {
    const alice = x25519PrivateKey(hex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'));
    const bob = x25519PrivateKey(hex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'));
    const alicePublic = hex('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
    const bobPublic = hex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
    const shared = hex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
    expect(Buffer.from(x25519PublicBytes(alice))).toEqual(alicePublic);
    expect(Buffer.from(x25519PublicBytes(bob))).toEqual(bobPublic);
    expect(x25519Shared(alice, bobPublic)).toEqual(shared);
    expect(x25519Shared(bob, alicePublic)).toEqual(shared);
  });

  it('X25519 refuses points of low order, which would make the secret zero', () => {
    const { privateKey } = generateIdentity();
    const one = new Uint8Array(32).fill(1, 0, 1);
    const eight = hex('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800');
    for (const point of [new Uint8Array(32), one, eight]) expect(x25519Shared(privateKey, point)).toBeUndefined();
  });

  it('this platform’s ChaCha20-Poly1305 agrees with RFC 8439 section 2.8.2', () => {
    const key = hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
    const cipher = createCipheriv('chacha20-poly1305', key, hex('070000004041424344454647'), { authTagLength: 16 });
    const text =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    cipher.setAAD(hex('50515253c0c1c2c3c4c5c6c7'), { plaintextLength: text.length });
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]).toString('hex');
    expect(sealed.slice(0, 64)).toBe('d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6');
    expect(cipher.getAuthTag()).toEqual(hex('1ae10b594f09e26a7e902ecbd0600691'));
  });
});

describe('keys', () => {
  beforeAll(() => ensurePrograms(['age', 'age-keygen'], { 'age-keygen': 'age' }), INSTALL_TIMEOUT_MS);

  it('the specification’s identity has the specification’s recipient', () => {
    const identity = parseIdentity(IDENTITY);
    expect(formatRecipient(recipientOf(identity))).toBe(RECIPIENT);
    expect(formatIdentity(identity)).toBe(IDENTITY);
    expect(parseRecipient(RECIPIENT)).toEqual(recipientOf(identity));
  });

  it('new ones are all different, and age-keygen derives the same recipients', () => {
    const identity = generateIdentity();
    expect(formatIdentity(identity)).not.toBe(formatIdentity(generateIdentity()));
    const file = formatIdentityFile(identity, new Date('2026-01-02T03:04:05.678Z'));
    expect(file).toContain('# created: 2026-01-02T03:04:05Z\n# public key: age1');
    const recipient = runProgram('age-keygen', ['-y'], Buffer.from(file)).toString();
    expect(recipient).toBe(`${formatRecipient(recipientOf(identity))}\n`);
  });

  it('those that others generate are read', async () => {
    const [identity] = parseIdentityFile(runProgram('age-keygen', []).toString());
    expect(formatRecipient(recipientOf(identity))).toMatch(/^age1[a-z0-9]{58}$/);
    const other = await generateX25519Identity();
    expect(formatRecipient(recipientOf(parseIdentity(other)))).toBe(await identityToRecipient(other));
  });

  it('show no secret when logged, serialised, or refused', () => {
    const identity = parseIdentity(IDENTITY);
    const shown = [inspect(identity, { depth: 9 }), JSON.stringify(identity)].join();
    expect(shown).not.toMatch(/GFPYY|424242|"66,66|66, 66/i);
    for (const text of [IDENTITY.replace('Q4E', 'Q4Q'), IDENTITY.toLowerCase(), `${IDENTITY} `]) {
      const { message, code } = thrownBy(() => parseIdentity(text)) as Error & { code: string };
      expect(code).toBe('MALFORMED_KEY');
      expect(message).not.toMatch(/GFPYY/i);
    }
    const asRecipient = thrownBy(() => parseRecipient(IDENTITY)) as Error;
    expect(asRecipient).toMatchObject({ code: 'MALFORMED_KEY' });
    expect(asRecipient.message).not.toMatch(/GFPYY/i);
  });

  it('survive the way to a worker', () => {
    expect(formatIdentity(structuredClone(parseIdentity(IDENTITY)))).toBe(IDENTITY);
  });

  it.each([
    ['', /too short/],
    ['age1', /too short/],
    [RECIPIENT.toUpperCase(), /type/],
    [RECIPIENT.replace('zvk', 'zvq'), /checksum/],
    ['age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e', /type/],
    ['ssh-ed25519 AAAA', /./],
  ])('%j is no recipient', (text, reason) => {
    const error = thrownBy(() => parseRecipient(text)) as Error;
    expect(error).toMatchObject({ code: 'MALFORMED_KEY', retryable: false });
    expect(error.message).toMatch(reason);
  });
});

describe('key files', () => {
  it('have comments, empty lines, white space and either line end', () => {
    const text = `# created\r\n\r\n  ${IDENTITY} \r\n#AGE-SECRET-KEY-1\n${IDENTITY}`;
    expect(parseIdentityFile(text).map(formatIdentity)).toEqual([IDENTITY, IDENTITY]);
    expect(parseRecipientFile(`# team\n${RECIPIENT}\n`).map(formatRecipient)).toEqual([RECIPIENT]);
  });

  it('errors name the line and the file’s purpose', () => {
    const error = thrownBy(() => parseIdentityFile(`# one\n${IDENTITY}\nnonsense\n`)) as Error;
    expect(error).toMatchObject({ code: 'MALFORMED_KEY' });
    expect(error.message).toMatch(/identity file, line 3/);
    expect(thrownBy(() => parseIdentityFile('# nothing\n'))).toMatchObject({ code: 'MALFORMED_KEY' });
    expect(thrownBy(() => parseRecipientFile(IDENTITY))).toMatchObject({ code: 'MALFORMED_KEY' });
  });
});
