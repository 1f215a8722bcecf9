import { describe, expect, test } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { MetricsBuilder } from './metrics-builder.ts';
import { ProfilesBatch } from './profiles-batch.ts';
import { jsonToProto } from './json-decode.ts';
import { protoToJson } from './json-encode.ts';
import { normalize } from './normalize.ts';

const DICTIONARY = {
  stringTable: ['', 'cpu', 'nanoseconds', 'thread', 'bytes', 'wall'],
  attributeTable: [
    {},
    { keyStrindex: 3, value: { stringValue: 'main' } },
    { keyStrindex: 3, value: { intValue: '7' }, unitStrindex: 4 },
  ],
  stackTable: [{}, { locationIndices: [1] }],
};

const PROFILE = {
  sampleType: { typeStrindex: 1, unitStrindex: 2 },
  samples: [
    { stackIndex: 1, attributeIndices: [1], values: ['5', '-6'], timestampsUnixNano: ['7'], linkIndex: 2 },
    { values: ['8'] },
  ],
  timeUnixNano: '1700000000000000001',
  durationNano: '18446744073709551615',
  periodType: { typeStrindex: 5 },
  period: '-3',
  profileId: 'ab'.repeat(16),
  droppedAttributesCount: 4,
  originalPayloadFormat: 'pprof',
  originalPayload: 'AQI=',
  attributeIndices: [2, 1],
};

const request = (...profiles: object[]) => ({
  resourceProfiles: [
    {
      resource: { attributes: [{ key: 'a', value: { stringValue: 'r' } }] },
      scopeProfiles: [{ scope: { name: 'lib' }, profiles }],
    },
  ],
  dictionary: DICTIONARY,
});

type Json = ReturnType<typeof request>;

const wire = (json: object): Uint8Array => jsonToProto('profiles', JSON.stringify(json));
const plain = (bytes: Uint8Array): Json => JSON.parse(Buffer.from(protoToJson('profiles', bytes)).toString()) as Json;

/** As JSON shows it that came from the wire: messages that are always there are there. */
const shown = (...profiles: object[]) =>
  plain(wire(request(...profiles))).resourceProfiles[0].scopeProfiles[0].profiles;
const DICTIONARY_SHOWN = plain(wire(request({}))).dictionary;

/** What becomes of a request; its profiles also by themselves. */
function edited(edit: (batch: ProfilesBatch) => void, before: object = request(PROFILE)) {
  const batch = ProfilesBatch.of([wire(before)]);
  edit(batch);
  const after = plain(batch.toBytes());
  return { ...after, profiles: after.resourceProfiles?.[0].scopeProfiles[0].profiles };
}

describe('reading', () => {
  test('every field of a profile and its samples', () => {
    const batch = ProfilesBatch.of([wire(request(PROFILE))]);
    for (const profile of batch.profiles) {
      expect(profile.timeUnixNano).toBe(1_700_000_000_000_000_001n);
      expect(profile.timeUnixMs).toBeCloseTo(1_700_000_000_000);
      expect(profile.durationNano).toBe(2n ** 64n - 1n);
      expect(profile.period).toBe(-3n);
      expect(profile.profileId).toBe('ab'.repeat(16));
      expect(profile.droppedAttributesCount).toBe(4);
      expect(profile.originalPayloadFormat).toBe('pprof');
      expect([...profile.originalPayload]).toEqual([1, 2]);
      expect(profile.attributeIndices).toEqual([2, 1]);
      expect([profile.sampleType.type, profile.sampleType.unit]).toEqual(['cpu', 'nanoseconds']);
      expect([profile.periodType.type, profile.periodType.unit]).toEqual(['wall', '']);
      expect([...profile.attributes.entries()]).toEqual([
        ['thread', 7],
        ['thread', 'main'],
      ]);
      expect(profile.attributes.get('thread')).toBe(7);
      expect(profile.scope.name).toBe('lib');
      expect(profile.resource.attributes.get('a')).toBe('r');
      expect(profile.sampleCount).toBe(2);
      const samples = [...profile.samples].length;
      expect(samples).toBe(2);
      const [first] = profile.samples;
      expect(first.stackIndex).toBe(1);
      expect(first.linkIndex).toBe(2);
      expect(first.values).toEqual([5n, -6n]);
      expect(first.timestampsUnixNano).toEqual([7n]);
      expect(first.attributeIndices).toEqual([1]);
      expect(first.attributes.toObject()).toEqual({ thread: 'main' });
    }
    expect(batch.itemCount).toBe(2);
  });

  test('what points nowhere shows nothing', () => {
    const batch = ProfilesBatch.of([wire(request({ attributeIndices: [9, 1], sampleType: { typeStrindex: 99 } }))]);
    for (const profile of batch.profiles) {
      expect(profile.attributes.toObject()).toEqual({ thread: 'main' });
      expect(profile.sampleType.type).toBeUndefined();
      expect(profile.dictionary.attribute(-1)).toBeUndefined();
    }
  });

  test('each request has its own dictionary', () => {
    const other = { ...request({ attributeIndices: [1] }), dictionary: { ...DICTIONARY } };
    other.dictionary.stringTable = ['', 'a', 'b', 'other'];
    const batch = ProfilesBatch.of([wire(request({ attributeIndices: [1] })), wire(other)]);
    const seen: object[] = [];
    for (const profile of batch.profiles) seen.push(profile.attributes.toObject());
    expect(seen).toEqual([{ thread: 'main' }, { other: 'main' }]);
  });

  test('leaves the bytes as they are', () => {
    const bytes = wire(request(PROFILE, PROFILE));
    const batch = ProfilesBatch.of([bytes]);
    for (const profile of batch.profiles) {
      profile.attributes.get('thread');
      for (const sample of profile.samples) sample.attributes.get('thread');
      profile.sampleType.type = 'cpu';
    }
    expect(batch.chunks[0]).toBe(bytes);
  });
});

describe('editing', () => {
  test('fields', () => {
    const { profiles } = edited((batch) => {
      for (const profile of batch.profiles) {
        profile.timeUnixNano = 5n;
        profile.durationNano = 6n;
        profile.period = 7n;
        profile.profileId = 'cd'.repeat(16);
        profile.droppedAttributesCount = 0;
        profile.originalPayloadFormat = 'jfr';
        profile.originalPayload = new Uint8Array([3]);
        profile.attributeIndices = [1];
        for (const sample of profile.samples) {
          sample.values = [...sample.values, -1n];
          sample.timestampsUnixNano = [];
          sample.linkIndex = 0;
          sample.stackIndex = 0;
        }
      }
    });
    expect(profiles).toEqual(
      shown({
        sampleType: { typeStrindex: 1, unitStrindex: 2 },
        samples: [{ attributeIndices: [1], values: ['5', '-6', '-1'] }, { values: ['8', '-1'] }],
        timeUnixNano: '5',
        durationNano: '6',
        periodType: { typeStrindex: 5 },
        period: '7',
        profileId: 'cd'.repeat(16),
        originalPayloadFormat: 'jfr',
        originalPayload: 'Aw==',
        attributeIndices: [1],
      }),
    );
  });

  test('attributes become entries of the dictionary, which are shared', () => {
    const { profiles, dictionary } = edited(
      (batch) => {
        for (const profile of batch.profiles) {
          profile.attributes.set('host', 'h1');
          profile.attributes.delete('thread');
          for (const sample of profile.samples) {
            sample.attributes.set('host', 'h1');
            sample.attributes.set('thread', 'main');
          }
        }
      },
      request({ ...PROFILE, samples: [{ values: ['1'] }] }, { ...PROFILE, samples: [{ attributeIndices: [2] }] }),
    );
    expect(profiles).toEqual(
      shown(
        { ...PROFILE, attributeIndices: [3], samples: [{ values: ['1'], attributeIndices: [3, 1] }] },
        { ...PROFILE, attributeIndices: [3], samples: [{ attributeIndices: [1, 3] }] },
      ),
    );
    expect(dictionary).toEqual({
      ...DICTIONARY_SHOWN,
      stringTable: [...DICTIONARY.stringTable, 'host'],
      attributeTable: [...DICTIONARY_SHOWN.attributeTable, { keyStrindex: 6, value: { stringValue: 'h1' } }],
    });
  });

  test('attributes that are not touched keep their unit', () => {
    const { profiles } = edited(
      (batch) => {
        for (const profile of batch.profiles) profile.attributes.set('cpu', true);
      },
      request({ attributeIndices: [2] }),
    );
    expect(profiles).toEqual(shown({ attributeIndices: [2, 3] }));
  });

  test('an edit is seen by the next read, and indices win over it', () => {
    const { profiles } = edited(
      (batch) => {
        for (const profile of batch.profiles) {
          profile.attributes.set('a', 1);
          expect(profile.attributeIndices).toEqual([1, 3]);
          expect(profile.attributes.toObject()).toEqual({ thread: 'main', a: 1 });
          profile.attributes.set('b', 1);
          profile.attributeIndices = [1];
          expect(profile.attributes.toObject()).toEqual({ thread: 'main' });
        }
      },
      request({ attributeIndices: [1] }),
    );
    expect(profiles).toEqual(shown({ attributeIndices: [1] }));
  });

  test('without a dictionary, one is made whose first entries are empty', () => {
    const { profiles, dictionary } = edited(
      (batch) => {
        for (const profile of batch.profiles) {
          profile.attributes.set('a', 'b');
          profile.sampleType.type = 'heap';
          profile.sampleType.unit = 'bytes';
        }
      },
      { resourceProfiles: [{ scopeProfiles: [{ profiles: [{ timeUnixNano: '1' }] }] }] },
    );
    expect(profiles).toEqual(
      shown({ timeUnixNano: '1', attributeIndices: [1], sampleType: { typeStrindex: 1, unitStrindex: 2 } }),
    );
    expect(dictionary.stringTable).toEqual(['', 'heap', 'bytes', 'a']);
    expect(dictionary.attributeTable[1]).toEqual({ keyStrindex: 3, value: { stringValue: 'b' } });
  });

  test('resources, scopes, profiles and samples', () => {
    const { profiles, resourceProfiles } = edited(
      (batch) => {
        for (const resource of batch.resources) {
          resource.attributes.set('b', 1);
          for (const scope of resource.scopes) {
            scope.name = 'other';
            for (const profile of scope.profiles) {
              if (profile.timeUnixNano === 2n) profile.drop();
              for (const sample of profile.samples) if (sample.values[0] === 8n) sample.drop();
            }
          }
        }
      },
      request(PROFILE, { timeUnixNano: '2' }),
    );
    expect(profiles).toEqual(shown({ ...PROFILE, samples: PROFILE.samples.slice(0, 1) }));
    expect(resourceProfiles[0].resource.attributes[1]).toEqual({ key: 'b', value: { intValue: '1' } });
    expect(resourceProfiles[0].scopeProfiles[0].scope.name).toBe('other');
  });

  test('a request without profiles is gone', () => {
    const batch = ProfilesBatch.of([wire(request(PROFILE)), wire(request(PROFILE))]);
    let count = 0;
    for (const profile of batch.profiles) if (count++ === 0) profile.drop();
    expect(batch.chunks).toHaveLength(1);
    expect(plain(batch.toBytes())).toEqual(plain(wire(request(PROFILE))));
  });

  test.each([
    ['the dictionary first', (bytes: Uint8Array, dictionary: Uint8Array) => [dictionary, bytes]],
    ['the dictionary in two parts', (bytes: Uint8Array, dictionary: Uint8Array) => [dictionary, bytes, dictionary]],
  ])('%s', (_, order) => {
    const { dictionary: whole, ...rest } = request({ attributeIndices: [1] });
    const parts = order(wire(rest), wire({ dictionary: whole }));
    const batch = ProfilesBatch.of([Buffer.concat(parts)]);
    for (const profile of batch.profiles) profile.attributes.set('x', 'y');
    const again = ProfilesBatch.of([batch.toBytes()]);
    for (const profile of again.profiles) expect(profile.attributes.toObject()).toEqual({ thread: 'main', x: 'y' });
    const normal = normalize('profiles', batch.toBytes());
    for (const profile of ProfilesBatch.of([normal]).profiles) expect(profile.attributeIndices).toHaveLength(2);
  });
});

describe('resources and scopes that refer to strings of the dictionary, as the Collector writes them', () => {
  type Value = string | number | bigint | readonly Value[] | { readonly [key: string]: Value };

  /** An AnyValue: numbers are indices of strings. */
  function writeValue(out: ByteWriter, value: Value): void {
    if (typeof value === 'number') out.int64Field(8, value);
    else if (typeof value === 'bigint') out.int64Field(3, value);
    else if (typeof value === 'string') out.stringField(1, value);
    else if (Array.isArray(value))
      field(out, 5, () => value.forEach((each: Value) => field(out, 1, () => writeValue(out, each))));
    else field(out, 6, () => writeAttributes(out, value as Record<string, Value>));
  }

  function field(out: ByteWriter, number: number, write: () => void): void {
    const mark = out.openField(number);
    write();
    out.close(mark);
  }

  /** KeyValues in field 1: keys that are numbers are indices of strings. */
  function writeAttributes(out: ByteWriter, attributes: Readonly<Record<string, Value>>, number = 1): void {
    for (const [key, value] of Object.entries(attributes)) {
      field(out, number, () => {
        if (!/^[0-9]/.test(key)) out.stringField(1, key);
        field(out, 2, () => writeValue(out, value));
        if (/^[0-9]/.test(key)) out.int64Field(3, Number(key));
      });
    }
  }

  function referring(resource: Readonly<Record<string, Value>>, scope: Readonly<Record<string, Value>>): Uint8Array {
    const out = new ByteWriter();
    field(out, 1, () => {
      field(out, 1, () => writeAttributes(out, resource));
      field(out, 2, () => {
        field(out, 1, () => writeAttributes(out, scope, 3));
        field(out, 2, () => out.fixed64Field(3, 1n));
      });
    });
    out.append(wire({ dictionary: DICTIONARY }));
    return out.take();
  }

  const bytes = () => referring({ plain: 'x', 3: 1 }, { 1: [2, 'y', { 3: 4 }], n: 7n });
  const RESOURCE = { plain: 'x', thread: 'cpu' };
  const SCOPE = { cpu: ['nanoseconds', 'y', { thread: 'bytes' }], n: 7 };

  test('show the strings, and stay as they are', () => {
    const before = bytes();
    const batch = ProfilesBatch.of([before, before]);
    let count = 0;
    for (const profile of batch.profiles) {
      expect(profile.resource.attributes.toObject()).toEqual(RESOURCE);
      expect(profile.resource.attributes.get('thread')).toBe('cpu');
      expect(profile.scope.attributes.toObject()).toEqual(SCOPE);
      count++;
    }
    expect(count).toBe(2);
    expect(batch.chunks[0]).toBe(before);
  });

  test('are written out where they are edited', () => {
    const batch = ProfilesBatch.of([bytes()]);
    for (const resource of batch.resources) {
      resource.attributes.set('new', 1);
      resource.attributes.delete('plain');
      for (const scope of resource.scopes) scope.attributes.set('n', 8);
    }
    const after = ProfilesBatch.of([batch.toBytes()]);
    for (const profile of after.profiles) {
      expect(profile.resource.attributes.toObject()).toEqual({ thread: 'cpu', new: 1 });
      expect(profile.scope.attributes.toObject()).toEqual({ ...SCOPE, n: 8 });
    }
    expect(plain(batch.toBytes()).resourceProfiles[0].resource.attributes).toEqual([
      { key: 'thread', value: { stringValue: 'cpu' } },
      { key: 'new', value: { intValue: '1' } },
    ]);
  });

  test('are copied with the strings into requests of other signals', () => {
    const builder = new MetricsBuilder();
    for (const resource of ProfilesBatch.of([bytes()]).resources) {
      const copy = builder.addResource(resource);
      for (const scope of resource.scopes) copy.addScope(scope).addMetric('gauge').name = 'n';
    }
    for (const metric of builder.build().metrics) {
      expect(metric.resource.attributes.toObject()).toEqual(RESOURCE);
      expect(metric.scope.attributes.toObject()).toEqual(SCOPE);
    }
  });

  test('that point nowhere have the empty string', () => {
    for (const { resource } of ProfilesBatch.of([referring({ 99: 98 }, {})]).profiles)
      expect(resource.attributes.toObject()).toEqual({ '': '' });
  });
});
