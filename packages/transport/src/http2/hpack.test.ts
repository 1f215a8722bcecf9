import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ErrorCode } from './error-code.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { HpackEncoder, encodeStateless } from './hpack-encoder.ts';
import { decodeHuffman, encodeHuffman, huffmanBytesMax, huffmanLength } from './hpack-huffman.ts';
import { HeaderField } from './hpack-table.ts';

const decoder = (listBytesMax = 65_536): HpackDecoder => new HpackDecoder({ listBytesMax });
const pairs = (fields: readonly HeaderField[]): string[] => fields.map(({ name, value }) => `${name}: ${value}`);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('the examples of RFC 7541', () => {
  const requests = [
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'],
    [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com', 'cache-control: no-cache'],
    [':method: GET', ':scheme: https', ':path: /index.html', ':authority: www.example.com', 'custom-key: custom-value'],
  ];
  it.each([
    [
      'C.3',
      [
        '8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d',
        '8286 84be 5808 6e6f 2d63 6163 6865',
        '8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65',
      ],
    ],
    [
      'C.4',
      [
        '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff',
        '8286 84be 5886 a8eb 1064 9cbf',
        '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf',
      ],
    ],
  ])('%s: requests are decoded, one after the other', (_section, blocks) => {
    const one = decoder();
    expect(blocks.map((block) => pairs(one.decode(hex(block)).fields))).toEqual(requests);
  });

  it('C.4: our encoder makes the very bytes', () => {
    const encoder = new HpackEncoder();
    const authority = new HeaderField(':authority', 'www.example.com');
    const first = [
      new HeaderField(':method', 'GET'),
      new HeaderField(':scheme', 'http'),
      new HeaderField(':path', '/'),
    ];
    for (const field of [...first, authority]) encoder.add(field);
    expect(Buffer.from(encoder.take())).toEqual(hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'));
    for (const field of [...first, authority, new HeaderField('cache-control', 'no-cache')]) encoder.add(field);
    expect(Buffer.from(encoder.take())).toEqual(hex('8286 84be 5886 a8eb 1064 9cbf'));
  });
});

describe('Huffman texts', () => {
  it('come back as they were, in as many bytes as announced', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString('latin1');
        const encoded = Uint8Array.from(encodeHuffman(text));
        const target = Buffer.alloc(huffmanBytesMax(encoded.length));
        expect(encoded).toHaveLength(huffmanLength(text));
        expect(target.toString('latin1', 0, decodeHuffman(encoded, 0, encoded.length, target))).toBe(text);
      }),
    );
  });

  it.each([
    ['padding of eight bits', '1f ff'],
    ['padding of zeros', '18'],
    ['the code of the end', 'ff ff ff ff'],
  ])('%s are refused', (_name, bytes) => {
    const encoded = hex(bytes);
    expect(decodeHuffman(encoded, 0, encoded.length, Buffer.alloc(100))).toBe(-1);
  });
});

describe('header blocks', () => {
  const field = fc.record({
    name: fc.constantFrom('x', 'user-agent', ':path', 'y'.repeat(50), 'cookie'),
    value: fc.oneof(fc.string({ unit: 'binary-ascii', maxLength: 40 }), fc.constant('v'.repeat(3000))),
    how: fc.constantFrom('add', 'once', 'secret'),
  });

  it('of any fields come back as they were, whatever table sizes are set between them', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ fields: fc.array(field), limit: fc.option(fc.nat(5000)) })), (blocks) => {
        const encoder = new HpackEncoder();
        const peer = decoder(1e9);
        const known = new Map<string, HeaderField>();
        for (const { fields, limit } of blocks) {
          if (limit !== null) encoder.limitTable(limit);
          for (const { name, value, how } of fields) {
            const key = `${name}\n${value}`;
            const same = known.get(key) ?? new HeaderField(name, value);
            known.set(key, same);
            if (how === 'add') encoder.add(same);
            else if (how === 'once') encoder.addOnce(name, value);
            else encoder.addSecret(name, value);
          }
          const got = peer.decode(Buffer.from(encoder.take()));
          expect(pairs(got.fields)).toEqual(pairs(fields.map(({ name, value }) => new HeaderField(name, value))));
        }
      }),
    );
  });

  it('repeated fields take one byte each, secret ones are never put into a table', () => {
    const encoder = new HpackEncoder();
    const agent = new HeaderField('user-agent', 'millrace');
    const blocks = [0, 1].map(() => {
      encoder.add(agent);
      encoder.addSecret('authorization', 'Bearer x');
      return encoder.take();
    });
    // The first form adds to the table; the last one, 0x10, may not be put into any.
    expect([blocks[0][0] & 0xc0, blocks[1][0], blocks[1][1] & 0xf0]).toEqual([0x40, 0x80 + 62, 0x10]);
  });

  it('without a table are understood by any decoder', () => {
    const fields = [[':status', '200'] as const, ['content-type', 'application/grpc'] as const];
    expect(pairs(decoder().decode(Buffer.from(encodeStateless(fields))).fields)).toEqual([
      ':status: 200',
      'content-type: application/grpc',
    ]);
  });

  it('that stand for more than the limit are decoded without being kept, and the table stays right', () => {
    const one = decoder(10_000);
    const large = Buffer.concat([Buffer.of(0x40, 1, 0x78, 0x7f, 0xa1, 0x1e), Buffer.alloc(4000, 0x61)]);
    expect(one.decode(large).fields).toHaveLength(1);
    expect(one.decode(Buffer.alloc(60_000, 0xbe))).toEqual({ fields: [], isTooLarge: true });
    expect(one.decode(Buffer.of(0xbe)).fields[0]?.value).toHaveLength(4000);
  });

  it('of arbitrary bytes are decoded or refused with COMPRESSION_ERROR', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (blocks) => {
        const one = decoder();
        try {
          for (const block of blocks) one.decode(Buffer.from(block));
        } catch (error) {
          expect(error).toMatchObject({ name: 'ConnectionError', code: ErrorCode.COMPRESSION_ERROR });
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('fields', () => {
  it.each([
    ['x-key', 'a value', true],
    [':path', '/', true],
    ['', 'x', false],
    ['X', 'x', false],
    ['a b', 'x', false],
    ['a:b', 'x', false],
    ['x', ' padded', false],
    ['x', 'padded\t', false],
    ['x', 'a\nb', false],
    ['x', 'a\0b', false],
    ['naïve', 'x', false],
    ['x', 'naïve', true],
  ])('%j: %j is valid: %s', (name, value, isValid) => {
    expect(new HeaderField(name, value).isValid).toBe(isValid);
  });
});
