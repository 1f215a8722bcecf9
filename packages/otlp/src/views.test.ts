import { describe, expect, test } from 'vitest';
import { double, int } from './any-value.ts';
import { ByteWriter } from './byte-writer.ts';
import { key } from './key.ts';
import { LogsBatch } from './logs-batch.ts';
import { LogsBuilder } from './logs-builder.ts';
import { MetricsBatch } from './metrics-batch.ts';
import { decode, encode, type Plain } from './testing/oracle.ts';
import { TracesBatch } from './traces-batch.ts';
import { MAX_DEPTH, WireError } from './wire.ts';

const text = (name: string, value: string): Plain => ({ key: name, value: { stringValue: value } });

function logs(...records: Plain[]): Uint8Array {
  return encode('logs', {
    resourceLogs: [
      {
        resource: { attributes: [text('service.name', 'shop')] },
        scopeLogs: [{ scope: { name: 's' }, logRecords: records }],
      },
    ],
  });
}

function records(bytes: Uint8Array): Plain[] {
  const request = decode('logs', bytes) as never as { resourceLogs: { scopeLogs: { logRecords: Plain[] }[] }[] };
  return request.resourceLogs.flatMap((each) => each.scopeLogs.flatMap((scope) => scope.logRecords));
}

describe('attributes', () => {
  test('numbers are written as int_value when whole, else as double_value, and wrappers say which', () => {
    const batch = LogsBatch.of([logs({})]);
    for (const { attributes } of batch.records) {
      attributes.set('whole', 5);
      attributes.set('double', double(5));
      attributes.set('fraction', 0.5);
      attributes.set('minus zero', -0);
      attributes.set('large', 2 ** 60);
      attributes.set('exact', 2n ** 60n);
      attributes.set('int', int(2 ** 60));
      expect(['whole', 'double', 'minus zero', 'exact'].map((name) => attributes.kind(name))).toEqual([
        'int',
        'double',
        'double',
        'int',
      ]);
      expect(attributes.get('exact')).toBe(2n ** 60n);
      expect(attributes.getInt('whole')).toBe(5n);
      expect(attributes.getInt('double')).toBeUndefined();
    }
    expect(records(batch.toBytes())[0].attributes).toEqual([
      { key: 'whole', value: { intValue: 5n } },
      { key: 'double', value: { doubleValue: 5 } },
      { key: 'fraction', value: { doubleValue: 0.5 } },
      { key: 'minus zero', value: { doubleValue: -0 } },
      { key: 'large', value: { doubleValue: 2 ** 60 } },
      { key: 'exact', value: { intValue: 2n ** 60n } },
      { key: 'int', value: { intValue: 2n ** 60n } },
    ]);
  });

  test('what does not fit is refused and changes nothing', () => {
    const chunk = logs({ attributes: [text('a', 'b')] });
    const batch = LogsBatch.of([chunk]);
    let deep: unknown = 1;
    for (let i = 0; i <= MAX_DEPTH; i++) deep = [deep];
    for (const { attributes } of batch.records) {
      expect(() => attributes.set('a', 2n ** 63n)).toThrow(RangeError);
      expect(() => attributes.set('a', deep as never)).toThrow(RangeError);
      expect(() => int(0.5)).toThrow(RangeError);
    }
    expect(batch.chunks[0]).toBe(chunk);
  });

  test('strings are compared on the wire, with keys and values made before', () => {
    const batch = LogsBatch.of([logs({ attributes: [text('method', 'GET'), { key: 'n', value: { intValue: 1n } }] })]);
    const [record] = batch.records;
    expect(record.attributes.equalsString(key('method'), key('GET'))).toBe(true);
    expect(record.attributes.equalsString('method', 'GE')).toBe(false);
    expect(record.attributes.equalsString('n', '1')).toBe(false);
    expect(record.attributes.getString('method')).toBe('GET');
    expect(record.attributes.getString('n')).toBeUndefined();
    expect(record.attributes.get('absent')).toBeUndefined();
  });

  test('a second attribute of one key is not left behind by an edit', () => {
    const twice = [text('password', 'one'), text('x', 'y'), text('password', 'two')];
    const batch = LogsBatch.of([logs({ attributes: twice }, { attributes: twice })]);
    let first = true;
    for (const { attributes } of batch.records) {
      expect(attributes.get('password')).toBe('one');
      if (first) attributes.delete('password');
      else attributes.set('password', '***');
      first = false;
    }
    expect(records(batch.toBytes()).map((record) => record.attributes)).toEqual([
      [text('x', 'y')],
      [text('password', '***'), text('x', 'y')],
    ]);
  });

  test('a key that is written twice inside one attribute does not hide it', () => {
    // KeyValue { key: "a", value: "v", key: "secret" }: readers take the last key.
    const keyValue = [0x0a, 1, 0x61, 0x12, 3, 0x0a, 1, 0x76, 0x0a, 6, ...Buffer.from('secret')];
    const record = [0x32, keyValue.length, ...keyValue];
    const scope = [0x12, record.length, ...record];
    const resource = [0x12, scope.length, ...scope];
    const batch = LogsBatch.of([Uint8Array.from([0x0a, resource.length, ...resource])]);
    for (const { attributes } of batch.records) {
      expect(attributes.has('a')).toBe(false);
      expect(attributes.delete('secret')).toBe(true);
    }
    expect(records(batch.toBytes())).toEqual([{}]);
  });

  test('values nested too deeply are refused with the place', () => {
    const nested = (levels: number): Uint8Array => {
      const out = new ByteWriter();
      const marks = Array.from({ length: levels }, () => [out.openField(5), out.openField(1)]).flat();
      for (const mark of marks.toReversed()) out.close(mark);
      return out.take();
    };
    const batch = LogsBatch.of([logs({})]);
    for (const record of batch.records) {
      record.bodyField.raw = nested(MAX_DEPTH);
      expect(record.bodyField.kind).toBe('array');
      expect(Array.isArray(record.body)).toBe(true);
      record.bodyField.raw = nested(MAX_DEPTH + 1);
      expect(() => record.body).toThrow(WireError);
    }
  });

  test('a key that names a prototype is an ordinary key', () => {
    const value = { kvlistValue: { values: [text('__proto__', 'x')] } };
    const [record] = LogsBatch.of([logs({ body: value })]).records;
    expect(Object.entries(record.body as object)).toEqual([['__proto__', 'x']]);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('a batch', () => {
  test('reads and edits bytes in shared memory, and Buffers', () => {
    const plain = logs({ body: { stringValue: 'größe 日本' }, traceId: new Uint8Array(16).fill(0xab) });
    const shared = new Uint8Array(new SharedArrayBuffer(plain.length));
    shared.set(plain);
    const arena = new Uint8Array(new SharedArrayBuffer(1 << 16));
    for (const chunk of [shared, Buffer.from(plain)]) {
      const batch = LogsBatch.of([chunk], { allocate: (byteLength) => arena.subarray(0, byteLength) });
      for (const record of batch.records) {
        expect(record.body).toBe('größe 日本');
        expect(record.traceId).toBe('ab'.repeat(16));
        record.attributes.set('ключ', 'значение');
        record.severityText = 'x'.repeat(300);
      }
      expect(batch.chunks[0].buffer).toBe(arena.buffer);
      expect(records(batch.toBytes())[0].attributes).toEqual([text('ключ', 'значение')]);
      expect(Buffer.compare(chunk, plain)).toBe(0);
    }
  });

  test('an edit leaves every other byte as it was, also unknown fields and padded varints', () => {
    // A record with an unknown field 900, a padded severity and a padded length around its body.
    const record = [0xa2, 0x38, 2, 1, 2, 0x10, 0x89, 0x80, 0x00, 0x2a, 0x83, 0x00, 0x0a, 1, 0x62];
    const scope = [0x12, record.length | 0x80, 0x80, 0x00, ...record, 0xa2, 0x38, 1, 9];
    const resource = [0x12, scope.length, ...scope];
    const batch = LogsBatch.of([Uint8Array.from([0x0a, resource.length, ...resource])]);
    for (const each of batch.records) {
      expect([each.severityNumber, each.body]).toEqual([9, 'b']);
      each.severityText = 'I';
    }
    const edited = [...record, 0x1a, 1, 0x49];
    const newScope = [0x12, edited.length | 0x80, 0x80, 0x00, ...edited, 0xa2, 0x38, 1, 9];
    expect([...batch.toBytes()]).toEqual([0x0a, newScope.length + 2, 0x12, newScope.length, ...newScope]);
  });

  test('of a singular message that comes twice the last is read, and an edit leaves only that', () => {
    const resource = (name: string): number[] => {
      const body = encode('Resource', { attributes: [text('name', name)] });
      return [0x0a, body.length, ...body];
    };
    const body = [...resource('first'), 0x12, 0, ...resource('last')];
    const batch = LogsBatch.of([Uint8Array.from([0x0a, body.length, ...body])]);
    for (const each of batch.resources) {
      expect(each.attributes.get('name')).toBe('last');
      each.attributes.set('edited', true);
    }
    const attributes = [text('name', 'last'), { key: 'edited', value: { boolValue: true } }];
    expect(decode('logs', batch.toBytes())).toEqual({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{}] }] });
  });

  test('containers that lose their last item go, those that came empty stay', () => {
    const chunk = encode('logs', {
      resourceLogs: [
        { schemaUrl: 'goes', scopeLogs: [{ logRecords: [{}] }] },
        { schemaUrl: 'stays', scopeLogs: [] },
        { schemaUrl: 'half', scopeLogs: [{ logRecords: [{}] }, { scope: { name: 'empty' } }] },
      ],
    });
    const batch = LogsBatch.of([chunk]);
    for (const record of batch.records) record.drop();
    expect(decode('logs', batch.toBytes())).toEqual({
      resourceLogs: [{ schemaUrl: 'stays' }, { schemaUrl: 'half', scopeLogs: [{ scope: { name: 'empty' } }] }],
    });
  });

  test('a batch that loses everything has no chunks and no bytes', () => {
    const batch = LogsBatch.of([logs({}), logs({})]);
    for (const record of batch.records) record.drop();
    expect([batch.chunks.length, batch.toBytes().length, batch.itemCount]).toEqual([0, 0, 0]);
  });

  test('dropping the scope of the current record ends the loop over that scope', () => {
    const batch = LogsBatch.of([logs({ severityNumber: 1 }, { severityNumber: 2 }), logs({ severityNumber: 3 })]);
    const seen: number[] = [];
    for (const record of batch.records) {
      seen.push(record.severityNumber);
      if (record.severityNumber === 1) record.scope.drop();
    }
    expect(seen).toEqual([1, 3]);
    expect(batch.itemCount).toBe(1);
  });

  test('edits after a loop was left early are kept', () => {
    const batch = LogsBatch.of([logs({ severityNumber: 1 }, { severityNumber: 2 }, { severityNumber: 3 })]);
    for (const record of batch.records) {
      record.severityText = 'first';
      if (record.severityNumber !== 2) continue;
      record.resource.attributes.set('k', 1);
      break;
    }
    expect(records(batch.toBytes()).map((record) => record.severityText)).toEqual(['first', 'first', undefined]);
    const [resource] = batch.resources;
    expect(resource.attributes.get('k')).toBe(1);
  });

  test('going on with a loop after another was started is an error, not a wrong answer', () => {
    const batch = LogsBatch.of([logs({}, {}), logs({})]);
    const outer = batch.records;
    outer.next();
    batch.records.next();
    expect(() => outer.next()).toThrow('another loop');
    const resources = batch.resources;
    const inner = resources.next().value!.scopes;
    resources.next();
    expect(() => inner.next()).toThrow('another loop');
  });

  test('a length that grows over a varint boundary moves what follows', () => {
    const long = 'x'.repeat(20_000);
    const batch = LogsBatch.of([logs({ severityNumber: 1 }, { severityNumber: 2 }, { severityNumber: 3 })]);
    for (const record of batch.records) if (record.severityNumber !== 2) record.attributes.set('long', long);
    const [first, second, third] = records(batch.toBytes());
    expect([first.attributes, second, third.attributes]).toEqual([
      [text('long', long)],
      { severityNumber: 2 },
      [text('long', long)],
    ]);
  });

  test('several chunks are one request, wherever it is written', () => {
    const batch = LogsBatch.of([logs({ severityNumber: 1 }), logs({ severityNumber: 2 })]);
    const target = new Uint8Array(batch.byteLength + 7);
    expect(batch.writeTo(target, 3)).toBe(3 + batch.byteLength);
    expect(Buffer.compare(target.subarray(3, 3 + batch.byteLength), batch.toBytes())).toBe(0);
    expect(records(batch.toBytes()).map((record) => record.severityNumber)).toEqual([1, 2]);
  });

  test('malformed input says where', () => {
    const batch = LogsBatch.of([Uint8Array.from([0x0a, 5, 0x12])]);
    expect(() => [...batch.records]).toThrow('malformed protobuf at byte 1: length 5 exceeds the 1 bytes left');
    expect(() => batch.itemCount).toThrow(WireError);
  });
});

test('times read as exact nanoseconds and as milliseconds', () => {
  const [record] = LogsBatch.of([logs({ timeUnixNano: 1_760_000_000_123_456_789n })]).records;
  expect(record.timeUnixNano).toBe(1_760_000_000_123_456_789n);
  expect(record.timeUnixMs).toBeCloseTo(1_760_000_000_123.456, 2);
  expect(record.observedTimeUnixMs).toBe(0);
});

test('ids read and write as hex and as bytes', () => {
  const batch = TracesBatch.of([encode('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] })]);
  for (const span of batch.spans) {
    span.traceId = '00112233445566778899AABBCCDDEEFF';
    span.spanIdBytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([span.traceId, span.spanId, span.parentSpanId]).toEqual([
      '00112233445566778899aabbccddeeff',
      '0102030405060708',
      '',
    ]);
    expect(() => (span.traceId = 'xyz')).toThrow(RangeError);
  }
});

test('temporality and monotonicity are refused where a metric has none', () => {
  const batch = MetricsBatch.of([
    encode('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'g', gauge: {} }] }] }] }),
  ]);
  for (const metric of batch.metrics) {
    expect([metric.type, metric.aggregationTemporality, metric.isMonotonic]).toEqual(['gauge', 0, false]);
    expect(() => (metric.aggregationTemporality = 1)).toThrow(TypeError);
    expect(() => (metric.isMonotonic = true)).toThrow(TypeError);
  }
});

test('the data of a metric is replaced where it is, and shown at once', () => {
  const point = { attributes: [{ key: 'a', value: { stringValue: 'x' } }], asInt: 7n };
  const metric = (name: string): Plain => ({ name, unit: 's', gauge: { dataPoints: [point] } });
  const request = encode('metrics', {
    resourceMetrics: [{ scopeMetrics: [{ metrics: ['a', 'b', 'c'].map(metric) }] }],
  });
  const batch = MetricsBatch.of([request]);
  for (const each of batch.metrics) {
    if (each.name !== 'b') continue;
    const points = Array.from(each.dataPoints, (one) => one.toBytes());
    each.replaceData({ type: 'sum', aggregationTemporality: 2, isMonotonic: true, points });
    expect([each.type, each.aggregationTemporality, each.isMonotonic]).toEqual(['sum', 2, true]);
    for (const one of each.dataPoints) expect(one.attributes.get('a')).toBe('x');
  }
  const expected = ['a', 'b', 'c'].map((name) =>
    name === 'b'
      ? { name, unit: 's', sum: { dataPoints: [point], aggregationTemporality: 2, isMonotonic: true } }
      : metric(name),
  );
  const wanted = encode('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: expected }] }] });
  expect(decode('metrics', batch.toBytes())).toEqual(decode('metrics', wanted));
});

test('a new resource goes behind all others, and the loop that adds it does not see it', () => {
  const record = (text: string): Plain => ({ body: { stringValue: text } });
  const request = encode('logs', {
    resourceLogs: ['a', 'b'].map((text) => ({ scopeLogs: [{ logRecords: [record(text)] }] })),
  });
  const batch = LogsBatch.of([request]);
  let seen = 0;
  for (const resource of batch.resources) {
    if (seen++ > 0) continue;
    const added = new LogsBuilder().addResource();
    added.addScope().addRecord().body = 'new';
    resource.addBehind(added);
  }
  expect(seen).toBe(2);
  expect(Array.from(batch.records, (each) => each.body)).toEqual(['a', 'b', 'new']);
});
