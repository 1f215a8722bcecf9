import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileStatements } from './compile-statements.ts';
import type { ContextName } from './context/context-name.ts';
import { functionRegistry } from './function/define-function.ts';
import { STANDARD_FUNCTIONS } from './functions/standard-functions.ts';
import { anyValue, requests } from './testing/arbitraries.ts';
import { decodeJson, encodePlain, plainToJson } from './testing/plain-json.ts';
import { batchOf, forEach } from './testing/telemetry.ts';

const options = { functions: functionRegistry(STANDARD_FUNCTIONS) } as const;

/** Statements that read much and change nothing, whatever the telemetry is. */
const around = [
  'set(resource.attributes["x"], 1) where resource.attributes["nowhere"] == "n0where"',
  'set(scope.name, "x") where scope.name == "n0where" or scope.attributes["nowhere"] >= 7',
  'delete_key(resource.attributes, "nowhere")',
  'set(cache["all"], resource.attributes)',
];
const STATEMENTS: readonly (readonly [keyof typeof requests, ContextName, readonly string[]])[] = [
  [
    'logs',
    'log',
    [
      'set(body, "x") where body == "n0where"',
      'set(cache["body"], body)',
      'set(attributes["x"], 1) where attributes["nowhere"] != nil',
      'set(attributes["x"], true) where severity_number > 2147483647',
      'replace_pattern(attributes["a"], "n0where", "x")',
      'delete_key(attributes, "nowhere")',
      'set(cache["time"], time_unix_nano)',
      'set(trace_id, span_id) where trace_id.string == "n0where"',
    ],
  ],
  [
    'traces',
    'span',
    [
      'set(name, "x") where name == "n0where"',
      'replace_pattern(name, "n0where", "")',
      'set(status.code, 1) where status.message == "n0where"',
      'set(cache["state"], trace_state["a"])',
    ],
  ],
  [
    'traces',
    'spanevent',
    [
      'set(name, "x") where name == "n0where"',
      'set(cache["span"], span.attributes)',
      'delete_key(attributes, "nowhere")',
    ],
  ],
  [
    'metrics',
    'metric',
    [
      'set(name, "x") where name == "n0where" and type == METRIC_DATA_TYPE_SUM',
      'set(cache["t"], aggregation_temporality)',
    ],
  ],
  [
    'metrics',
    'datapoint',
    [
      'set(attributes["x"], 1) where metric.name == "n0where"',
      'set(cache["n"], value_int)',
      'set(cache["b"], bucket_counts)',
      'delete_key(attributes, "nowhere")',
    ],
  ],
  [
    'metrics',
    'exemplar',
    ['set(filtered_attributes["x"], 1) where filtered_attributes["nowhere"] != nil', 'set(cache["d"], double_value)'],
  ],
];

describe('statements that change nothing leave the bytes as they are', () => {
  test.each(STATEMENTS)('%s, %s', (signal, context, statements) => {
    const program = compileStatements({
      ...options,
      context,
      statements: [...statements, ...around],
      errorMode: 'propagate',
    });
    fc.assert(
      fc.property(requests[signal], (request) => {
        const bytes = encodePlain(signal, request);
        const batch = batchOf(signal, bytes);
        forEach(batch, context, (view, parent, index) => program.run(view, parent, index));
        expect(batch.chunks[0] ?? bytes).toBe(bytes);
      }),
      { numRuns: 100 },
    );
  });
});

test('a value that is set where it came from keeps its types and the order of its keys', () => {
  const program = compileStatements({
    ...options,
    context: 'log',
    statements: ['set(cache["v"], body)', 'set(attributes["copy"], cache["v"])', 'set(body, cache["v"])'],
  });
  fc.assert(
    fc.property(anyValue, (value) => {
      const record = { body: value };
      const batch = batchOf(
        'logs',
        encodePlain('logs', { resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords: [record] }] }] }),
      );
      forEach(batch, 'log', (view) => program.run(view));
      const body = plainToJson(value);
      const attributes = [{ key: 'copy', value: body }];
      expect(decodeJson('logs', batch.chunks)).toEqual({
        resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords: [{ body, attributes }] }] }],
      });
    }),
    { numRuns: 300 },
  );
});
