import { ProfilesBatch } from '@millrace/otlp';
import { describe, expect, test } from 'vitest';
import { compileStatements, compileValue } from '../compile-statements.ts';
import { functionRegistry } from '../function/define-function.ts';
import { STANDARD_FUNCTIONS } from '../functions/standard-functions.ts';
import { pathWriter } from '../testing/path-writer.ts';
import { decodeJson, encodePlain } from '../testing/plain-json.ts';
import { forEach } from '../testing/telemetry.ts';
import { Id } from '../value/id.ts';
import { Time } from '../value/time.ts';
import type { Value } from '../value/value.ts';
import type { ContextName } from './context-name.ts';
import { CONTEXTS } from './contexts.ts';

const functions = functionRegistry(STANDARD_FUNCTIONS);
const nanos = 1_700_000_000_000_000_001n;
const ID = 'ab'.repeat(16);
const OTHER_ID = 'cd'.repeat(16);
const map = (entries: Record<string, Value>): Value => new Map(Object.entries(entries));

const request = {
  resourceProfiles: [
    {
      resource: { attributes: [{ key: 'a', value: { stringValue: 'r' } }] },
      scopeProfiles: [
        {
          scope: { name: 'lib' },
          profiles: [
            {
              sampleType: { typeStrindex: 1, unitStrindex: 2 },
              samples: [{ attributeIndices: [1], values: [5n, -6n], timestampsUnixNano: [nanos], linkIndex: 2 }],
              timeUnixNano: nanos,
              durationNano: 7n,
              periodType: { typeStrindex: 99 },
              period: 8n,
              profileId: ID,
              droppedAttributesCount: 4,
              originalPayloadFormat: 'pprof',
              originalPayload: 'AQI=',
              attributeIndices: [1],
            },
          ],
        },
      ],
    },
  ],
  dictionary: {
    stringTable: ['', 'cpu', 'nanoseconds', 'thread'],
    attributeTable: [{}, { keyStrindex: 3, value: { stringValue: 'main' } }],
  },
};

/** What a path reads, what is set, and what it reads then. */
type Row = readonly [path: string, is: Value, to: Value, reads?: Value];

const attributeRows = (prefix: string): Row[] => [
  [`${prefix}.attributes`, map({ thread: 'main' }), map({ b: 1n, c: 1 })],
  [`${prefix}.attributes["thread"]`, 'main', true],
  [`${prefix}.attributes["new"]["x"]`, null, 'y'],
  [`${prefix}.attribute_indices`, [1n], [1n, 1n]],
];

const profileRows: Row[] = [
  ...attributeRows('profile'),
  ['profile.dropped_attributes_count', 4n, 2n ** 32n + 7n, 7n],
  ['profile.duration', 7n, 0n],
  ['profile.duration_unix_nano', 7n, 2n ** 63n - 1n],
  ['profile.original_payload', Uint8Array.of(1, 2), Uint8Array.of(3)],
  ['profile.original_payload_format', 'pprof', 'jfr'],
  ['profile.period', 8n, -9n],
  ['profile.profile_id', new Id('profile', ID), new Id('profile', OTHER_ID)],
  ['profile.profile_id.string', ID, OTHER_ID.toUpperCase(), OTHER_ID],
  ['profile.sample_type.type', 'cpu', 'wall'],
  ['profile.sample_type.unit', 'nanoseconds', 'cpu'],
  ['profile.time', new Time(nanos), new Time(5n)],
  ['profile.time_unix_nano', nanos, 5n],
];

const around: Row[] = [
  ['resource.attributes["a"]', 'r', 'q'],
  ['scope.name', 'lib', 'other'],
  ['instrumentation_scope.name', 'lib', 'other'],
];

const ROWS: readonly (readonly [ContextName, readonly Row[]])[] = [
  ['profile', [...profileRows, ...around, ['profile.cache["a"]', null, 'x', null]]],
  [
    'profilesample',
    [
      ...attributeRows('profilesample'),
      ['profilesample.link_index', 2n, 3n],
      ['profilesample.timestamps', [new Time(nanos)], [new Time(1n), new Time(2n)]],
      ['profilesample.timestamps_unix_nano', [nanos], [-1n]],
      ['profilesample.timestamps_unix_nano', [nanos], null, []],
      ['profilesample.values', [5n, -6n], [-1n, 2n ** 62n]],
      ['profilesample.values[1]', -6n, 3n],
      ...profileRows,
      ...around,
      ['profilesample.cache["a"]', null, 'x', null],
    ],
  ],
];

const batchOf = (): ProfilesBatch => ProfilesBatch.of([encodePlain('profiles', request)]);

describe.each(ROWS)('the context %s', (context, rows) => {
  test.each(rows.map((row) => [row[0], row] as const))('reads and writes %s', (path, [, is, to, reads = to]) => {
    const reader = compileValue({ context, value: path, functions });
    const { program, setTo } = pathWriter(path)(context);
    const batch = batchOf();
    let count = 0;
    forEach(batch, context, (view, parent, index) => {
      expect(reader.get(view, parent, index)).toEqual(is);
      setTo(to);
      program.run(view, parent, index);
      count++;
    });
    expect(count).toBe(1);
    const written = ProfilesBatch.of([batch.toBytes()]);
    forEach(written, context, (view, parent, index) => expect(reader.get(view, parent, index)).toEqual(reads));
  });

  test('lets no path be without a row, but those that are handed around as a whole', () => {
    const tested = new Set(rows.map(([path]) => path.replace(/\[.*/, '')));
    const paths = CONTEXTS[context].levels[context].flatMap((level) => Object.keys(level.paths));
    const missing = paths.filter((path) => !tested.has(`${context}.${path}`));
    expect(missing).toEqual(
      context === 'profile' ? ['period_type', 'period_type.type', 'period_type.unit', 'sample', 'sample_type'] : [],
    );
  });
});

function run(statement: string, context: ContextName = 'profile') {
  const program = compileStatements({ context, statements: [statement], functions, errorMode: 'propagate' });
  const batch = batchOf();
  forEach(batch, context, (view, parent, index) => program.run(view, parent, index));
  return decodeJson('profiles', batch.chunks) as unknown as {
    resourceProfiles: { scopeProfiles: { profiles: Record<string, unknown>[] }[] }[];
    dictionary: { stringTable: string[]; attributeTable: object[] };
  };
}

const profileIn = (json: ReturnType<typeof run>) => json.resourceProfiles[0].scopeProfiles[0].profiles[0];

test('a type and unit is taken over', () => {
  expect(profileIn(run('set(period_type, sample_type)')).periodType).toEqual({ typeStrindex: 1, unitStrindex: 2 });
});

test('editors of maps edit the dictionary', () => {
  const json = run('merge_maps(attributes, {"host": "h", "thread": "other"}, "upsert")');
  expect(profileIn(json).attributeIndices).toEqual([2, 3]);
  expect(json.dictionary.stringTable).toEqual(['', 'cpu', 'nanoseconds', 'thread', 'host']);
  const sample = run('delete_key(attributes, "thread")', 'profilesample');
  expect((profileIn(sample).samples as object[])[0]).not.toHaveProperty('attributeIndices');
});

test('how many samples there are can be asked for', () => {
  expect(profileIn(run('set(period, Len(sample))')).period).toBe('1');
});

test.each([
  ['set(attributes["x"], period_type.type)', 'period_type.type has the index 99, which is out of range'],
  ['set(duration, -1)', 'duration_unix_nano must be non-negative'],
  ['set(profile_id, ProfileID(0x00000000000000000000000000000000))', 'profile ids must not be empty'],
  ['set(profile_id.string, "00000000000000000000000000000000")', 'profile ids must not be empty'],
  ['set(sample_type, "x")', 'expects pprofile.ValueType but got string'],
  ['set(attribute_indices, ["x"])', 'expects []int64 but got pcommon.Slice'],
  ['set(original_payload, "x")', 'expects []byte but got string'],
  ['set(period, 1.5)', 'expects int64 but got float64'],
])('%s fails', (statement, message) => {
  expect(() => run(statement)).toThrow(message);
});

test('statements that change nothing leave the bytes as they are', () => {
  const statements = [
    'set(attributes["x"], 1) where attributes["thread"] == "nowhere"',
    'delete_key(attributes, "nowhere")',
    'set(sample_type.type, "cpu")',
    'set(cache["a"], attributes)',
  ];
  const program = compileStatements({ context: 'profile', statements, functions });
  const bytes = encodePlain('profiles', request);
  const batch = ProfilesBatch.of([bytes]);
  for (const profile of batch.profiles) program.run(profile);
  expect(batch.chunks[0]).toBe(bytes);
});
