import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { branch, chunksOf, Fixture, leaf, plan, step, transform } from './testing/fixture.ts';
import type { Seen } from './testing/fixture.ts';
import { MERGE_BYTES_MAX } from './merge-groups.ts';
import { attributesOf, bodiesOf, itemsOf, logs } from './testing/logs.ts';

// Inline: the executor itself. What workers add is tested in pool-mill.test.ts and identity.test.ts.
let fixture: Fixture;

beforeEach(() => {
  fixture = new Fixture(0);
});

afterEach(async () => {
  await fixture.mill.shutdown();
  expect(fixture.arena.leaks()).toEqual([]);
  expect(fixture.arena.bytesInFlight).toBe(0);
});

describe('a run of steps', () => {
  it('merges all parts, in order, and changes every record', async () => {
    await fixture.start(plan([branch([transform('tag', { key: 'env', value: 'prod' })])]));
    const seen = await fixture.run([logs(['a', 'b']), logs(['c'])]);
    expect(seen.leaves).toHaveLength(1);
    expect(seen.leaves[0]).toMatchObject({ leaf: 0, signal: 'logs', items: 3 });
    expect(bodiesOf(chunksOf(seen))).toEqual(['a', 'b', 'c']);
    expect(attributesOf(chunksOf(seen), 'env')).toEqual(['prod', 'prod', 'prod']);
    expect(seen.parts).toEqual([
      { items: 2, failedItems: 0, error: undefined },
      { items: 1, failedItems: 0, error: undefined },
    ]);
  });

  it('counts items into and out of each transform, and what the steps count', async () => {
    await fixture.start(
      plan([branch([transform('drop', { marker: 'x' }), transform('tag', { key: 'k', value: 'v' })])]),
    );
    const { steps, counts } = await fixture.run([logs(['a', 'x', 'x']), logs(['b'])]);
    expect(steps).toEqual([
      { id: 'drop/test', signal: 'logs', pipeline: 'logs', incoming: 4, outgoing: 2 },
      { id: 'tag/test', signal: 'logs', pipeline: 'logs', incoming: 2, outgoing: 2 },
    ]);
    expect(counts).toEqual([{ id: 'drop/test', name: 'dropped', value: 2 }]);
  });

  it('leaves out batches in which nothing is left', async () => {
    await fixture.start(plan([branch([transform('drop', { marker: '' })])]));
    const seen = await fixture.run([logs(['a'])]);
    expect(seen.leaves).toEqual([]);
    expect(seen.parts).toEqual([{ items: 1, failedItems: 0, error: undefined }]);
  });

  it('gives each branch and each output the data as it was before the others changed it', async () => {
    const tagged = [transform('tag', { key: 'env', value: 'prod' })];
    await fixture.start(
      plan([
        branch(
          tagged,
          [leaf(0), { to: 'leaf', leaf: 1, encoder: step('encoder', 'lines'), contiguous: true }],
          'logs/a',
        ),
        branch([], [leaf(2)], 'logs/b'),
      ]),
    );
    const seen = await fixture.run([logs(['a'])]);
    expect(attributesOf(chunksOf(seen, 0), 'env')).toEqual(['prod']);
    expect(Buffer.concat(chunksOf(seen, 1)).toString()).toBe('["a",{"length":"1","env":"prod"}]');
    expect(chunksOf(seen, 2)).toEqual([logs(['a'])]);
  });

  it('hands large unchanged input on without copying it', async () => {
    await fixture.start(plan([branch([])]));
    const large = fixture.part(logs(Array.from({ length: 1000 }, (_, index) => `${index} ${'x'.repeat(50)}`)));
    const { buffer, byteOffset } = large.region.bytes;
    const result = await fixture.grind([large]);
    const [region] = result.leaves[0].regions;
    expect([region.bytes.buffer, region.bytes.byteOffset]).toEqual([buffer, byteOffset]);
    region.release();
  });

  it('joins small unchanged parts, which then hold no slab', async () => {
    await fixture.start(plan([branch([])]));
    const payloads = Array.from({ length: 50 }, (_, index) => logs([`body ${index}`]));
    const result = await fixture.grind(payloads.map((bytes) => fixture.part(bytes)));
    expect(result.leaves[0].regions).toHaveLength(1);
    const [region] = result.leaves[0].regions;
    expect(region.bytes).toEqual(new Uint8Array(Buffer.concat(payloads)));
    expect(region.bytes.buffer.byteLength).toBe(region.bytes.length);
    region.release();
  });

  it('gives a leaf one piece if it asks for that', async () => {
    await fixture.start(plan([branch([], [leaf(0, true)])]));
    const large = logs(Array.from({ length: 1000 }, () => 'x'.repeat(50)));
    const seen = await fixture.run([large, large]);
    expect(chunksOf(seen)).toEqual([new Uint8Array(Buffer.concat([large, large]))]);
  });

  it('asks an exporter that makes no encoder for nothing, and gives it protobuf in one piece', async () => {
    const encoder = step('encoder', 'lines', { plain: true });
    await fixture.start(plan([branch([], [{ to: 'leaf', leaf: 0, encoder, contiguous: false }])]));
    const seen = await fixture.run([logs(['a']), logs(['b'])]);
    expect(seen.leaves[0].chunks).toHaveLength(1);
    expect(bodiesOf(chunksOf(seen))).toEqual(['a', 'b']);
  });
});

describe('merging', () => {
  const kib = (size: number, letter: string) => logs([letter.repeat(size * 1024)]);
  const letters = (seen: Seen, leaf = 0) =>
    seen.leaves
      .filter((each) => each.leaf === leaf)
      .map(({ chunks }) =>
        bodiesOf(chunks)
          .map((body) => body[0])
          .join(''),
      );

  it('stops at the limit: neighbours leave together up to 1 MiB, then the next request begins', async () => {
    await fixture.start(plan([branch([transform('tag', { key: 'k', value: 'v' })], [leaf(0), leaf(1, true)])]));
    const seen = await fixture.run([kib(400, 'a'), kib(400, 'b'), kib(400, 'c'), kib(10, 'd'), kib(900, 'e')]);
    expect(letters(seen, 0)).toEqual(['ab', 'cd', 'e']);
    expect(letters(seen, 1)).toEqual(['ab', 'cd', 'e']);
    expect(seen.leaves.filter(({ leaf }) => leaf === 0).map(({ parts }) => parts)).toEqual([[0, 1], [2, 3], [4]]);
    expect(seen.steps).toMatchObject([{ incoming: 5, outgoing: 5 }]);
  });

  it('leaves a larger part whole, and alone', async () => {
    await fixture.start(plan([branch([])]));
    const seen = await fixture.run([kib(1, 'a'), kib(3000, 'b'), kib(1, 'c'), kib(1, 'd')]);
    expect(letters(seen)).toEqual(['a', 'b', 'cd']);
  });

  it('fills exactly up to the limit', async () => {
    await fixture.start(plan([branch([])]));
    const half = (room: number) => logs(['x'.repeat(512 * 1024 - room)]);
    const overhead = half(100).length - (512 * 1024 - 100);
    const exact = half(overhead);
    expect(exact.length * 2).toBe(MERGE_BYTES_MAX);
    expect((await fixture.run([exact, exact])).leaves).toHaveLength(1);
    expect((await fixture.run([exact, half(overhead - 1)])).leaves).toHaveLength(2);
  });

  it('looks at the decoded size, and keeps contexts apart as well', async () => {
    const tripled = step('decoder', 'flip', { repeat: 3 });
    await fixture.start(plan([branch([])], { decoder: tripled, keepContexts: true }));
    const part = (letter: string, address: string) =>
      fixture.part(
        kib(150, letter).map((byte) => byte ^ 0x55),
        { context: { address } },
      );
    const parts = [part('a', '1'), part('b', '2'), part('c', '1'), part('d', '2'), part('e', '1')];
    const seen = fixture.seen(await fixture.grind(parts));
    expect(letters(seen)).toEqual(['aaaccc', 'eee', 'bbbddd']);
    expect(seen.leaves.map(({ context }) => context?.address)).toEqual(['1', '1', '2']);
  });

  it('does not part what a stateful step or a queue made up', async () => {
    await fixture.start(plan([branch([])], { validate: false }));
    expect(letters(await fixture.run([kib(800, 'a'), kib(800, 'b')]))).toEqual(['ab']);
  });

  it('keeps what is left of one part together when records of it fail', async () => {
    await fixture.start(plan([branch([transform('explode', { marker: 'bad' })])]));
    const big = (letter: string) => letter.repeat(300 * 1024);
    const seen = await fixture.run([logs([big('a'), 'bad', big('b')]), logs([big('c'), big('d')])]);
    expect(letters(seen)).toEqual(['ab', 'cd']);
    expect(seen.parts.map(({ items, failedItems }) => [items, failedItems])).toEqual([
      [3, 1],
      [2, 0],
    ]);
  });
});

describe('edited chunks', () => {
  const large = (letter: string) => logs(Array.from({ length: 700 }, () => letter.repeat(100)));
  const tag = (key: string) => transform('tag', { key, value: 'v' });

  it('are written once: where they leave from', async () => {
    await fixture.start(plan([branch([tag('k')], [leaf(0), leaf(1, true)])]));
    const result = await fixture.grind([fixture.part(large('a')), fixture.part(large('b')), fixture.part(large('c'))]);
    const [apart, joined] = result.leaves.map(({ regions }) => regions.map(({ bytes }) => bytes));
    expect(apart).toHaveLength(3);
    expect(joined).toHaveLength(1);
    // The chunks lie behind one another in the leased memory, and the joined one is the same stretch.
    expect(joined[0].byteOffset).toBe(apart[0].byteOffset);
    for (const bytes of apart) expect(bytes.buffer).toBe(joined[0].buffer);
    expect(apart[1].byteOffset).toBe(apart[0].byteOffset + apart[0].length);
    expect(apart[0].length + apart[1].length + apart[2].length).toBe(joined[0].length);
    expect(bodiesOf(joined).map((body) => body[0])).toEqual(
      Array.from('abc').flatMap((letter) => Array.from({ length: 700 }, () => letter)),
    );
    for (const { regions } of result.leaves) for (const region of regions) region.release();
  });

  it('are right after any number of steps, with neighbours that nobody edits, and over many grinds', async () => {
    const steps = [tag('k'), transform('drop', { marker: 'x' }), tag('l'), tag('m')];
    await fixture.start(plan([branch(steps, [leaf(0, true), leaf(1)]), branch([tag('n')], [leaf(2)], 'logs/b')]));
    for (let round = 0; round < 20; round++) {
      const payloads = [large('a'), logs(['x', 'y']), large('x'), large('b')].slice(round % 3);
      const seen = await fixture.run(payloads);
      const kept = bodiesOf(payloads).filter((body) => !body.includes('x'));
      for (const leaf of [0, 1]) {
        expect(bodiesOf(chunksOf(seen, leaf))).toEqual(kept);
        expect(attributesOf(chunksOf(seen, leaf), 'm')).toEqual(kept.map(() => 'v'));
      }
      expect(bodiesOf(chunksOf(seen, 2))).toEqual(bodiesOf(payloads));
      expect(attributesOf(chunksOf(seen, 2), 'n')).toHaveLength(bodiesOf(payloads).length);
    }
  });

  it('of a run that fails leave nothing behind', async () => {
    await fixture.start(plan([branch([tag('k'), transform('explode', { marker: 'bad' })])]));
    const seen = await fixture.run([large('a'), logs(['bad', 'good']), large('b')]);
    expect(bodiesOf(chunksOf(seen))).toEqual([...bodiesOf([large('a')]), 'good', ...bodiesOf([large('b')])]);
    expect(attributesOf(chunksOf(seen), 'k')).toHaveLength(1401);
  });
});

describe('contexts', () => {
  const from = (address: string) => ({ context: { address } });

  it('keeps senders apart where a step asks for them', async () => {
    await fixture.start(plan([branch([transform('sender')])], { keepContexts: true }));
    const parts = [
      fixture.part(logs(['a']), from('10.0.0.1')),
      fixture.part(logs(['b']), from('10.0.0.2')),
      fixture.part(logs(['c']), from('10.0.0.1')),
    ];
    const seen = fixture.seen(await fixture.grind(parts));
    expect(seen.leaves.map(({ context, chunks }) => [context?.address, bodiesOf(chunks)])).toEqual([
      ['10.0.0.1', ['a', 'c']],
      ['10.0.0.2', ['b']],
    ]);
    expect(attributesOf(chunksOf(seen), 'sender')).toEqual(['10.0.0.1', '10.0.0.1', '10.0.0.2']);
  });

  it('names the sender of a merged batch only if there is one', async () => {
    await fixture.start(plan([branch([])]));
    const one = from('10.0.0.1');
    const same = await fixture.grind([fixture.part(logs(['a']), one), fixture.part(logs(['b']), one)]);
    expect(fixture.seen(same).leaves[0].context).toEqual({ address: '10.0.0.1' });
    const mixed = await fixture.grind([fixture.part(logs(['a']), one), fixture.part(logs(['b']))]);
    expect(fixture.seen(mixed).leaves[0].context).toBeUndefined();
  });
});

describe('connectors', () => {
  const junction = step('junction', 'route', { marker: 'err', to: ['logs/errors'] });
  const behind = [
    branch([transform('tag', { key: 'p', value: 'errors' })], [leaf(0)], 'logs/errors'),
    branch([], [leaf(1)], 'logs/all'),
  ];

  it('send what they emit to the pipelines that they name, as it was at that moment', async () => {
    await fixture.start(plan([branch([], [{ to: 'junction', junction, branches: behind }])]));
    const seen = await fixture.run([logs(['fine', 'err 1']), logs(['err 2'])]);
    expect(bodiesOf(chunksOf(seen, 1))).toEqual(['fine', 'err 1', 'err 2']);
    expect(bodiesOf(chunksOf(seen, 0))).toEqual(['err 1', 'err 2']);
    expect(attributesOf(chunksOf(seen, 0), 'p')).toEqual(['errors', 'errors']);
  });

  it('fail the data if they name a pipeline that does not exist', async () => {
    const lost = step('junction', 'route', { marker: '', to: ['logs/nowhere'] });
    await fixture.start(plan([branch([], [{ to: 'junction', junction: lost, branches: behind }])]));
    const seen = await fixture.run([logs(['a'])]);
    expect(seen.leaves).toEqual([]);
    expect(seen.parts[0]).toMatchObject({ items: 1, failedItems: 1, error: { retryable: false } });
    expect(seen.parts[0].error?.message).toContain('connector "route/test"');
    expect(seen.parts[0].error?.message).toContain('logs/nowhere');
  });
});

describe('decoding', () => {
  const flipped = (bodies: readonly string[]) => logs(bodies).map((byte) => byte ^ 0x55);

  it('refuses the part that is malformed, and says where, without disturbing the others', async () => {
    await fixture.start(plan([branch([])]));
    const cutOff = logs(['a', 'b']).slice(0, -3);
    const seen = await fixture.run([logs(['a']), cutOff, logs(['c'])]);
    expect(bodiesOf(chunksOf(seen))).toEqual(['a', 'c']);
    expect(seen.parts.map((part) => part.error?.code)).toEqual([undefined, 'TRUNCATED', undefined]);
    expect(seen.parts[1]).toMatchObject({ items: 0, failedItems: 0, error: { retryable: false } });
  });

  it('takes what a decoder makes of payloads, and its errors as they are', async () => {
    await fixture.start(plan([branch([])], { decoder: step('decoder', 'flip') }));
    const garbage = fixture.part(flipped(['g']), { form: { garbage: true } });
    const parts = [
      fixture.part(flipped(['a'])),
      fixture.part(Uint8Array.of(0xff)),
      garbage,
      fixture.part(flipped(['b'])),
    ];
    const seen = fixture.seen(await fixture.grind(parts));
    expect(bodiesOf(chunksOf(seen))).toEqual(['a', 'b']);
    expect(seen.parts[1].error).toMatchObject({ code: 'BAD_FORM', message: 'the first byte is wrong' });
    expect(seen.parts[2].error).toMatchObject({ code: 'DECODE_FAILED' });
    expect(seen.parts[2].error?.message).toContain('receiver "flip/test"');
  });

  it('rewrites valid protobuf of unusual shape, so that steps need not merge fields', async () => {
    await fixture.start(plan([branch([transform('tag', { key: 'k', value: 'v' })])]));
    // The same scalar twice in one record: the last one counts.
    const record = Uint8Array.of(0x10, 0x01, 0x10, 0x02);
    const scope = Uint8Array.of(0x12, record.length, ...record);
    const resource = Uint8Array.of(0x12, scope.length, ...scope);
    const seen = await fixture.run([Uint8Array.of(0x0a, resource.length, ...resource)]);
    expect(seen.parts[0]).toEqual({ items: 1, failedItems: 0, error: undefined });
    expect(itemsOf(chunksOf(seen))).toBe(1);
  });
});

describe('a step that throws', () => {
  it('costs only the records that it throws on', async () => {
    await fixture.start(plan([branch([transform('explode', { marker: 'bad' })])]));
    const seen = await fixture.run([logs(['a', 'bad 1', 'b', 'bad 2', 'c']), logs(['d']), logs(['bad 3'])]);
    expect(bodiesOf(chunksOf(seen))).toEqual(['a', 'b', 'c', 'd']);
    expect(seen.leaves).toHaveLength(1);
    expect(seen.parts.map(({ items, failedItems }) => [items, failedItems])).toEqual([
      [5, 2],
      [1, 0],
      [1, 1],
    ]);
    expect(seen.parts[0].error).toMatchObject({ code: 'STEP_FAILED', retryable: false, failedItems: 2 });
    expect(seen.parts[0].error?.message).toBe('processor "explode/test" failed: boom');
    expect(seen.steps[0]).toMatchObject({ incoming: 4, outgoing: 4 });
  });

  it('keeps the code of a permanent DeliveryError', async () => {
    await fixture.start(plan([branch([transform('refuse', { marker: 'bad' })])]));
    const seen = await fixture.run([logs(['a', 'bad'])]);
    expect(seen.parts[0].error).toMatchObject({ code: 'REFUSED', failedItems: 1 });
    expect(bodiesOf(chunksOf(seen))).toEqual(['a']);
  });

  it('has the whole part sent again if its error may pass', async () => {
    await fixture.start(plan([branch([transform('busy', { marker: 'hot' })])]));
    const parts = [fixture.part(logs(['a', 'hot', 'b'])), fixture.part(logs(['c']))];
    const result = await fixture.grind(parts);
    expect(result.parts[0].error).toMatchObject({ code: 'BUSY', retryable: true, retryAfterMs: 1500 });
    const seen = fixture.seen(result);
    expect(seen.parts[0]).toMatchObject({ items: 3, failedItems: 3 });
    expect(bodiesOf(chunksOf(seen))).toEqual(['c']);
  });

  it('fails everything, and finds an end, if it throws on every record', async () => {
    await fixture.start(plan([branch([transform('explode', { marker: '' })])]));
    const seen = await fixture.run([logs(Array.from({ length: 3000 }, (_, index) => `record ${index}`))]);
    expect(seen.leaves).toEqual([]);
    expect(seen.parts[0]).toMatchObject({ items: 3000, failedItems: 3000 });
  });

  it.each([
    ['transform that is asynchronous', branch([transform('asynchronous')]), 'asynchronous'],
    [
      'encoder that returns no bytes',
      branch([], [{ to: 'leaf', leaf: 0, encoder: step('encoder', 'lines', { garbage: true }), contiguous: true }]),
      'encode() returned object',
    ],
  ] as const)('is told by its name: a %s', async (_what, only, message) => {
    await fixture.start(plan([only]));
    const seen = await fixture.run([logs(['a'])]);
    expect(seen.leaves).toEqual([]);
    expect(seen.parts[0].error?.message).toContain(message);
    expect(seen.parts[0].error?.message).toMatch(/(?:processor|exporter) "/);
  });

  it('does not undo what other branches of other records put out', async () => {
    const bad = branch([transform('explode', { marker: 'bad' })], [leaf(0)], 'logs/a');
    await fixture.start(plan([branch([], [leaf(1)], 'logs/b'), bad]));
    const seen = await fixture.run([logs(['a', 'bad'])]);
    // A record is taken by all pipelines, or by none.
    expect(bodiesOf(chunksOf(seen, 0))).toEqual(['a']);
    expect(bodiesOf(chunksOf(seen, 1))).toEqual(['a']);
  });
});

describe('start', () => {
  it.each([
    ['a step that cannot be created', plan([branch([transform('uncreatable')])]), 'STEP_CREATE_FAILED', 'no such luck'],
    ['a type that the module lacks', plan([branch([transform('missing')])]), 'PLUGIN_WITHOUT_TYPE', 'missing'],
    [
      'a signal that the step does not handle',
      plan([branch([{ ...transform('tag'), signal: 'traces' }])]),
      'STEP_SIGNAL',
      'does not handle traces',
    ],
  ])('refuses %s, by name', async (_what, faulty, code, message) => {
    await expect(fixture.start(faulty)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});

describe('jobs', () => {
  const job = (name: string) => ({ module: step('encoder', 'lines').module, type: 'lines', job: name });

  it('run with their parameters', async () => {
    await fixture.start();
    const output = await fixture.mill.run(job('repeat'), Buffer.from('ab'), { times: 3 });
    expect(Buffer.from(output).toString()).toBe('ababab');
  });

  it('fail with an error that names them', async () => {
    await fixture.start();
    await expect(fixture.mill.run(job('fail'), new Uint8Array(1), {})).rejects.toMatchObject({ code: 'JOB_FAILED' });
    await expect(fixture.mill.run(job('garbage'), new Uint8Array(1), {})).rejects.toMatchObject({ code: 'JOB_FAILED' });
    await expect(fixture.mill.run(job('other'), new Uint8Array(1), {})).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
  });
});
