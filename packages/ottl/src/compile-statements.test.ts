import { LogsBatch, LogsBuilder, TracesBuilder } from '@millrace/otlp';
import { describe, expect, test } from 'vitest';
import { compileConditions, compileStatements, compileValue } from './compile-statements.ts';
import { defineFunction, functionRegistry } from './function/define-function.ts';
import { constantGetter } from './function/getter.ts';
import * as p from './function/parameters.ts';
import { STANDARD_FUNCTIONS } from './functions/standard-functions.ts';
import { OttlRuntimeError, type OttlErrors } from './ottl-error.ts';
import { runOn } from './testing/run-on.ts';
import { isMap, type Value } from './value/value.ts';

const fail = defineFunction({
  name: 'Fail',
  kind: 'converter',
  summary: 'Always throws.',
  params: { after: p.optional(p.int, constantGetter(0n)) },
  pure: false,
  examples: [],
  make: () => () => {
    throw new OttlRuntimeError('failed on purpose');
  },
});

const describeArguments = defineFunction({
  name: 'Describe',
  kind: 'converter',
  summary: 'What it was given.',
  params: {
    first: p.value,
    second: p.optional(p.literalInt, 7n),
    thirdOne: p.optional(p.literalString),
    severity: p.optional(p.enumeration),
  },
  examples: [],
  make:
    ({ first, second, thirdOne, severity }) =>
    (frame) => [first(frame), second, thirdOne ?? null, severity ?? null],
});

const functions = functionRegistry(STANDARD_FUNCTIONS, [fail, describeArguments]);
const options = { context: 'log', functions } as const;

/** What a value is for a record with `a: 1`, `list: [1, 2, 3]` and `nested: {k: {l: "x"}}`. */
function valueOf(text: string): Value {
  const attributes: Readonly<Record<string, Value>> = {
    a: 1n,
    d: 1,
    text: 'one',
    list: [1n, 2n, 3n],
    nested: new Map([['k', new Map([['l', 'x']])]]),
    key: 'k',
  };
  return runOn({ attributes, body: new Map([['b', [1n]]]) }, (record) =>
    compileValue({ ...options, value: text }).get(record),
  );
}

describe('values', () => {
  test.each<[string, Value]>([
    ['attributes["a"]', 1n],
    ['attributes["d"]', 1],
    ['attributes["a"] + 1', 2n],
    ['attributes["d"] + 1', 2],
    ['-attributes["a"]', -1n],
    ['attributes["list"][1]', 2n],
    ['attributes["list"][attributes["a"]]', 2n],
    ['attributes["nested"]["k"]["l"]', 'x'],
    ['attributes["nested"][attributes["key"]]["l"]', 'x'],
    ['attributes["nested"]["missing"]["l"]', null],
    ['attributes["missing"]["l"]', null],
    ['attributes[Concat(["t", "ext"], "")]', 'one'],
    ['body["b"][0]', 1n],
    ['body["missing"]', null],
    [
      '{"a": attributes["a"], "b": [1, attributes["text"]]}',
      new Map<string, Value>([
        ['a', 1n],
        ['b', [1n, 'one']],
      ]),
    ],
    ['Filter(attributes["list"], (i, v) => v > 1 and i < 2)', [2n]],
    ['Filter(attributes["list"], (_, v) => v == attributes["a"])', [1n]],
    ['Filter([[1], [2, 3]], (_, inner) => Len(Filter(inner, (_, v) => v > 1)) == 2)', [[2n, 3n]]],
    ['Filter([{"x": 1}, {"x": 2}], (_, v) => v["x"] == 2)', [new Map([['x', 2n]])]],
    ['Describe(1)', [1n, 7n, null, null]],
    ['Describe(1, 2, "x")', [1n, 2n, 'x', null]],
    ['Describe(1, third_one = "x")', [1n, 7n, 'x', null]],
    ['Describe(1, thirdOne = "x", second = 3)', [1n, 3n, 'x', null]],
    ['Describe(first = nil, severity = SEVERITY_NUMBER_WARN)', [null, 7n, null, 13n]],
    ['SEVERITY_NUMBER_FATAL4', 24n],
    ['Concat([SEVERITY_NUMBER_INFO, 1.0], "-")', '9-1'],
  ])('%s', (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  test.each([
    ['attributes["list"][3]', 'index 3 out of bounds'],
    ['attributes["list"][-1]', 'index -1 out of bounds'],
    ['attributes["list"]["x"]', 'pcommon.Slice takes an int as index, not "x"'],
    ['attributes["text"]["x"]', 'type string does not support indexing, here by "x"'],
    ['attributes["nested"][0]', 'pcommon.Map takes a string as key, not 0'],
    ['attributes["text"] + 1', 'string must be int64, float64, time.Time or time.Duration'],
    ['1 / 0', 'attempted to divide by 0'],
    ['-attributes["text"]', 'cannot negate string'],
    ['Split(attributes["a"], "")', 'expected string but got int64'],
    ['attributes[attributes["d"]]', 'a key is string or int64, not float64'],
    ['Filter(attributes["list"], (_, v) => Fail() == v)', 'failed on purpose'],
  ])('%s fails', (text, message) => {
    expect(() => valueOf(text)).toThrow(message);
  });
});

describe('conditions', () => {
  const holds = (text: string): boolean =>
    runOn(
      {
        attributes: { s: 'x', i: 1n, big: 2n ** 60n, f: 1.5, b: true, e: null },
        body: 'x',
        severityNumber: 9,
        severityText: 'INFO',
      },
      (record) => compileConditions({ ...options, conditions: [text] }).test(record),
    );

  // Each fast form against each kind of attribute, with its sides either way.
  test.each([
    ['attributes["s"] == "x"', true],
    ['attributes["s"] != "x"', false],
    ['"x" == attributes["s"]', true],
    ['attributes["i"] == "x"', false],
    ['attributes["i"] != "x"', true],
    ['attributes["none"] == "x"', false],
    ['attributes["none"] != "x"', true],
    ['attributes["s"] < "y"', true],
    ['"y" > attributes["s"]', true],
    ['attributes["none"] < "y"', false],
    ['attributes["i"] == 1', true],
    ['attributes["i"] == 1.0', true],
    ['attributes["i"] >= 1', true],
    ['1 < attributes["f"]', true],
    ['2 < attributes["f"]', false],
    ['attributes["f"] > 1', true],
    ['attributes["s"] > 1', false],
    ['attributes["s"] != 1', true],
    ['attributes["none"] != 1', true],
    ['attributes["none"] <= 1', false],
    ['attributes["big"] == 1152921504606846976', true],
    ['attributes["big"] == 1152921504606846977', false],
    ['attributes["big"] > 1', true],
    ['attributes["b"] == true', true],
    ['attributes["b"] != false', true],
    ['attributes["i"] == true', false],
    ['attributes["none"] != true', true],
    ['attributes["none"] == nil', true],
    ['attributes["e"] == nil', true],
    ['attributes["s"] == nil', false],
    ['attributes["s"] != nil', true],
    ['nil != attributes["s"]', true],
    ['attributes["none"] < nil', false],
    ['attributes["none"] <= nil', true],
    ['attributes["s"] >= nil', false],
    ['attributes["s"] == attributes["s"]', true],
    ['severity_number >= SEVERITY_NUMBER_INFO', true],
    ['severity_number > 9', false],
    ['severity_number == 9.0', true],
    ['severity_number < 9.5', true],
    ['9 == severity_number', true],
    ['10 > severity_number', true],
    ['severity_number != 9', false],
    ['severity_number <= 8', false],
    ['severity_number == "9"', false],
    ['severity_number != nil', true],
    ['severity_number == flags', false],
    ['severity_number >= flags', true],
    ['severity_number < 9223372036854775807', true],
    ['severity_text == "INFO"', true],
    ['severity_text != "INFO"', false],
    ['severity_text < "JNFO"', true],
    ['severity_text == 1', false],
    ['body == "x"', true],
    ['body != "x"', false],
    ['body == nil', false],
    ['body != nil', true],
    ['trace_id == nil', false],
    ['1 == 1 and 2 > 1', true],
    ['not (1 == 1)', false],
    ['true', true],
    ['IsMatch(body, "x")', true],
    ['not IsMatch(body, "x") or attributes["b"] == true', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test('"and" and "or" leave out what is not needed', () => {
    expect(holds('false and Fail()')).toBe(false);
    expect(holds('true or Fail()')).toBe(true);
    expect(() => holds('true and Fail()')).toThrow('failed on purpose');
  });

  test('a converter alone must be a bool', () => {
    expect(() => holds('Concat(["a"], "")')).toThrow('must return bool, not string');
  });
});

describe('error modes', () => {
  const statements = ['set(attributes["a"], 1)', 'set(attributes["b"], Fail())', 'set(attributes["c"], 3)'];
  const run = (errorMode: 'ignore' | 'silent' | 'propagate', conditions: readonly string[] = []) => {
    const seen: string[] = [];
    const onError = (error: Error, source: string): void => void seen.push(`${error.message}: ${source}`);
    const program = compileStatements({ ...options, statements, conditions, errorMode, onError });
    return runOn({}, (record) => {
      let thrown = '';
      try {
        program.run(record);
      } catch (error) {
        thrown = (error as Error).message;
      }
      return { thrown, seen, keys: [...record.attributes.keys()] };
    });
  };

  test('ignore tells of the error and goes on', () => {
    expect(run('ignore')).toEqual({ thrown: '', seen: [`failed on purpose: ${statements[1]}`], keys: ['a', 'c'] });
  });

  test('silent only goes on', () => {
    expect(run('silent')).toEqual({ thrown: '', seen: [], keys: ['a', 'c'] });
  });

  test('propagate throws', () => {
    expect(run('propagate')).toEqual({ thrown: 'failed on purpose', seen: [], keys: ['a'] });
  });

  test('a condition of the group that fails keeps the statements from running', () => {
    expect(run('ignore', ['Fail()'])).toEqual({ thrown: '', seen: ['failed on purpose: Fail()'], keys: [] });
    expect(run('silent', ['false', 'true']).keys).toEqual(['a', 'c']);
    expect(run('silent', ['false']).keys).toEqual([]);
  });

  test('a condition that fails counts as false', () => {
    const compiled = compileConditions({ ...options, conditions: ['Fail()', 'true'], errorMode: 'silent' });
    expect(runOn({}, (record) => compiled.test(record))).toBe(true);
  });
});

describe('the cache', () => {
  test('is empty for each record and shared by its statements', () => {
    const program = compileStatements({
      ...options,
      statements: [
        'set(cache["n"]["m"], severity_number) where cache["n"] == nil',
        'set(attributes["n"], cache["n"]["m"])',
      ],
    });
    const builder = new LogsBuilder();
    const scope = builder.addResource().addScope();
    for (const severity of [1, 2]) scope.addRecord().severityNumber = severity;
    const seen: unknown[] = [];
    for (const record of LogsBatch.of([builder.toBytes()]).records) {
      program.run(record);
      seen.push(record.attributes.get('n'));
    }
    expect(seen).toEqual([1, 2]);
  });

  test('can be shared by programs', () => {
    const [first, second] = ['set(cache["n"], 1)', 'set(attributes["n"], cache["n"])'].map((statement) =>
      compileStatements({ ...options, statements: [statement] }),
    );
    first.sharesCache = second.sharesCache = true;
    runOn({}, (record) => {
      first.run(record);
      second.cache = first.cache;
      second.run(record);
      expect(record.attributes.get('n')).toBe(1);
    });
  });
});

test('what is known of the request can be read and not written', () => {
  const program = compileStatements({
    ...options,
    statements: [
      'set(attributes["addr"], otelcol.client.addr)',
      'set(attributes["tenant"], otelcol.client.metadata["X-Tenant"])',
      'set(attributes["none"], otelcol.grpc.metadata["x"])',
      'set(attributes["user"], otelcol.client.auth.attributes["user"])',
    ],
  });
  program.client = {
    addr: '10.0.0.1',
    metadata: new Map([['x-tenant', ['t1', 't2']]]),
    authAttributes: new Map([['user', 'u']]),
  };
  runOn({}, (record) => {
    program.run(record);
    expect(record.attributes.toObject()).toEqual({ addr: '10.0.0.1', tenant: 't1', none: null, user: 'u' });
  });
  expect(() => compileStatements({ ...options, statements: ['set(otelcol.client.addr, "x")'] })).toThrow(
    '1:5: set: target: otelcol.client.addr cannot be written; expected a path that can',
  );
});

test('parts of telemetry can be set to themselves only', () => {
  const builder = new TracesBuilder();
  const span = builder.addResource().addScope().addSpan();
  span.addEvent();
  const run = (statement: string): void =>
    compileStatements({ ...options, context: 'span', statements: [statement] }).run(span);
  run('set(events, events)');
  run('set(status, status)');
  run('set(attributes["n"], Len(events))');
  expect(span.attributes.get('n')).toBe(1);
  expect(() => run('set(events, links)')).toThrow('expects ptrace.SpanEventSlice but got ptrace.SpanLinkSlice');
  expect(() => run('set(status, 1)')).toThrow('expects ptrace.Status but got int64');
});

test('a body reads as text whatever it is', () => {
  const text = (body: Value): Value =>
    runOn({ body }, (record) => compileValue({ ...options, value: 'body.string' }).get(record));
  expect(
    text(
      new Map<string, Value>([
        ['b', [1n, 1.5, null]],
        ['a', Uint8Array.of(1)],
      ]),
    ),
  ).toBe('{"a":"AQ==","b":[1,1.5,null]}');
  expect(text(1e21)).toBe('1e+21');
  expect(text(true)).toBe('true');
  expect(text(null)).toBe('');
  expect(text([NaN])).toBe('');
});

test('a time deep inside of an attribute is refused, and changes nothing', () => {
  const program = compileStatements({ ...options, statements: ['set(attributes["m"]["a"], Now())'] });
  runOn({ attributes: { m: new Map([['a', 1n]]) } }, (record) => {
    expect(() => program.run(record)).toThrow('cannot store time.Time here');
    expect(record.attributes.get('m')).toEqual({ a: 1 });
  });
});

test('the index of an event is known', () => {
  const builder = new TracesBuilder();
  const span = builder.addResource().addScope().addSpan();
  span.addEvent();
  span.addEvent();
  const value = compileValue({ ...options, context: 'spanevent', value: 'event_index' });
  let index = 0;
  const seen = [...span.events].map((event) => value.get(event, span, index++));
  expect(seen).toEqual([0n, 1n]);
});

describe('setting what does not fit', () => {
  test.each([
    ['set(severity_number, "x")', 'expects int64 but got string'],
    ['set(severity_number, 1.0)', 'expects int64 but got float64'],
    ['set(severity_text, 1)', 'expects string but got int64'],
    ['set(time, 1)', 'expects time.Time but got int64'],
    ['set(time_unix_nano, Now())', 'expects int64 but got time.Time'],
    ['set(trace_id, "00")', 'expects pcommon.TraceID but got string'],
    ['set(trace_id, span_id)', 'expects pcommon.TraceID but got pcommon.SpanID'],
    ['set(trace_id.string, "00")', 'trace ids must be 32 hex characters'],
    ['set(body["x"], 1)', 'log.body of type string cannot be indexed'],
    ['set(body.string, 1)', 'expects string but got int64'],
    ['set(resource.schema_url, true)', 'expects string but got bool'],
    ['set(attributes["list"][5], 1)', 'index 5 out of bounds'],
  ])('%s fails', (statement, message) => {
    const program = compileStatements({ ...options, statements: [statement] });
    runOn({ body: 'text', attributes: { list: [1n] } }, (record) => {
      const before = record.toBytes();
      expect(() => program.run(record)).toThrow(message);
      expect(record.toBytes()).toEqual(before);
    });
  });

  test.each([
    ['set(attributes["a"], Now())', 'cannot store time.Time here'],
    ['set(attributes["b"], trace_id)', 'cannot store pcommon.TraceID here'],
    ['set(body, Duration("1s"))', 'cannot store time.Duration here'],
    ['set(attributes, "a")', 'expects pcommon.Map but got string'],
    ['set(cache, 1)', 'expects pcommon.Map but got int64'],
    ['set(cache["t"], time)', 'cannot store time.Time here'],
    ['set(severity_text, attributes["missing"])', 'setting a value to nil is not supported'],
  ])('%s is refused, and changes nothing', (statement, message) => {
    const program = compileStatements({ ...options, statements: [statement] });
    runOn({ attributes: { a: 1n }, body: 'b' }, (record) => {
      expect(() => program.run(record)).toThrow(message);
      expect(record.attributes.toObject()).toEqual({ a: 1 });
      expect(record.body).toBe('b');
    });
  });

  test('nil empties what can be empty', () => {
    const statements = [
      'set(attributes["a"], nil)',
      'set(attributes["b"], body["missing"])',
      'set(resource.attributes, nil)',
    ];
    const program = compileStatements({ ...options, statements: [...statements, 'set(body, nil)'] });
    runOn({ attributes: { a: 1n }, body: new Map(), resource: { r: 1n } }, (record) => {
      program.run(record);
      expect(record.attributes.toObject()).toEqual({ a: null, b: null });
      expect(record.resource.attributes.size).toBe(0);
      expect(record.bodyField.kind).toBe('empty');
    });
  });
});

describe('mistakes', () => {
  const errorsOf = (statements: readonly string[], conditions: readonly string[] = []): readonly string[] => {
    try {
      compileStatements({ ...options, statements, conditions });
    } catch (error) {
      return (error as OttlErrors).errors.map((each) => `${each.statement} ${each.code} ${each.message}`);
    }
    return [];
  };

  test.each([
    ['sett(name, 1)', 'UNKNOWN_FUNCTION 1:1: there is no editor sett; did you mean set?'],
    ['set(body, Concatt(["a"], ""))', 'UNKNOWN_FUNCTION 1:11: there is no converter Concatt; did you mean Concat?'],
    ['set(body)', 'ARGUMENT_COUNT 1:1: set is called with 1 arguments; expected set(target, value)'],
    ['set(body, 1, 2)', 'ARGUMENT_COUNT 1:14: set is called with 3 arguments; expected set(target, value)'],
    [
      'set(body, valu = 1)',
      'ARGUMENT_NAME 1:11: set has no parameter valu; expected one of target, value; did you mean value?',
    ],
    ['set(body, value = 1, target = body)', 'ARGUMENT_NAME 1:22: target of set is given twice'],
    [
      'set(target = body, 1)',
      'ARGUMENT_NAME 1:20: an argument without a name stands behind one with a name; expected named arguments last',
    ],
    ['set("x", 1)', 'ARGUMENT_TYPE 1:5: set: target: this cannot be written; expected a path'],
    ['set(attribute["x"], 1)', 'UNKNOWN_PATH'],
    ['set(log.bdy, 1)', 'did you mean log.body?'],
    ['set(severity_text["x"], 1)', 'UNKNOWN_PATH 1:19: log.severity_text takes no keys'],
    ['set(attributes["x"].y, 1)', 'UNKNOWN_PATH'],
    ['set(attributes[true], 1)', 'SYNTAX 1:16: this is no key'],
    [
      'set(body, SEVERITY_NUMBER_INF)',
      'UNKNOWN_ENUM 1:11: the context log has no enum SEVERITY_NUMBER_INF; did you mean SEVERITY_NUMBER_INFO?',
    ],
    ['set(body, SHA256)', 'SYNTAX 1:11: SHA256 is a converter and is not called here; expected SHA256(...)'],
    [
      'set(body, severity_text + 1)',
      'TYPE 1:11: "+" cannot calculate with a string; expected an int, a float, a time or a duration',
    ],
    ['set(body, 1 + SHA256("x"))', 'TYPE 1:15: "+" cannot calculate with a string'],
    [
      'set(body, Describe(1, "x"))',
      'ARGUMENT_TYPE 1:23: Describe: second: this is no literal of the right type; expected a literal of type int64',
    ],
    [
      'set(body, Describe(1, severity = 13))',
      'ARGUMENT_TYPE 1:34: Describe: severity: this is no enum; expected the name of an enum',
    ],
    ['set(body, Filter([1], 1))', 'ARGUMENT_TYPE 1:23: Filter: predicate: this is no lambda'],
    ['set(body, (a) => a)', 'SYNTAX 1:11: a lambda can only be the argument of a function that takes one'],
    ['replace_pattern(body, "(", "x")', 'ARGUMENT_TYPE 1:1: replace_pattern: '],
    [
      'replace_pattern(body, "a", "x", SHA255)',
      'UNKNOWN_FUNCTION 1:33: there is no converter SHA255; did you mean SHA256?',
    ],
    [
      'replace_pattern(body, "a", "x", Split)',
      'ARGUMENT_COUNT 1:33: Split would be called with 1 arguments; expected Split(target, delimiter)',
    ],
    [
      'replace_pattern(body, "a", "x", "SHA256")',
      'ARGUMENT_TYPE 1:33: replace_pattern: function: this is no function; expected the name of a converter',
    ],
  ])('%s', (statement, message) => {
    const [first, ...others] = errorsOf([statement]);
    expect(first).toContain(message);
    expect(others).toEqual([]);
  });

  test('of all statements come at once, in order', () => {
    const statements = ['sett(body, 1)', 'set(body, 1)', 'set(', 'set(bdy, Nowww()) where Int(1, 2) == 1 or kind == 2'];
    expect(errorsOf(statements, ['a ='])).toEqual([
      '0 UNKNOWN_FUNCTION 1:1: there is no editor sett; did you mean set?',
      '2 SYNTAX 1:5: a value is missing; expected a path, a literal, a converter, a list or a map, found the end',
      expect.stringContaining('3 UNKNOWN_PATH 1:5: the context log has no path "bdy"'),
      expect.stringContaining('3 UNKNOWN_FUNCTION 1:10: there is no converter Nowww'),
      '3 ARGUMENT_COUNT 1:32: Int is called with 2 arguments; expected Int(target)',
      expect.stringContaining('3 UNKNOWN_PATH 1:43: the context log has no path "kind"'),
      '4 SYNTAX 1:3: one "=" compares nothing; expected ==, found =',
    ]);
  });

  test('of a registry are found when it is made', () => {
    expect(() => functionRegistry(STANDARD_FUNCTIONS, STANDARD_FUNCTIONS)).toThrow('there are two functions named');
  });
});

test('constants are computed once', () => {
  let calls = 0;
  const count = defineFunction({
    name: 'Count',
    kind: 'converter',
    summary: 'Counts its calls.',
    params: { value: p.value },
    examples: [],
    make:
      ({ value }) =>
      (frame) => {
        calls++;
        return value(frame);
      },
  });
  const program = compileStatements({
    ...options,
    functions: functionRegistry(STANDARD_FUNCTIONS, [count]),
    statements: [
      'set(attributes["x"], Concat([Count("a"), "b"], ""))',
      'set(attributes["y"], {"k": Count([1, 2])}["k"])'.replace('["k"])', ')'),
    ],
  });
  expect(calls).toBe(2);
  runOn({}, (record) => {
    program.run(record);
    expect(record.attributes.get('x')).toBe('ab');
  });
  expect(calls).toBe(2);
});

test('values in a map keep their order and their types', () => {
  const value = valueOf('ParseJSON("{\\"b\\": 1, \\"a\\": {\\"z\\": 1, \\"y\\": 2}}")');
  expect(isMap(value) && [...value.keys()]).toEqual(['b', 'a']);
});

describe('a program knows whether it changes only the record that it runs for', () => {
  test.each([
    ['set(attributes["x"], resource.attributes["y"])', true],
    ['set(log.cache["x"], 1)', true],
    ['set(value = resource.attributes["y"], target = log.body)', true],
    ['set(resource.attributes["x"], body)', false],
    ['set(value = body, target = scope.name)', false],
    ['delete_key(instrumentation_scope.attributes, "x")', false],
  ])('%s: %s', (statement, expected) => {
    const statements = ['set(body, "x")', statement];
    expect(compileStatements({ ...options, statements }).changesOnlyItself).toBe(expected);
  });
});
