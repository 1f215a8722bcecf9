import { describe, expect, test } from 'vitest';
import { compileStatements } from '../compile-statements.ts';
import { defineFunction, functionRegistry } from '../function/define-function.ts';
import { STANDARD_FUNCTIONS } from '../functions/standard-functions.ts';
import type { ContextName } from './context-name.ts';

const metricOnly = defineFunction({
  name: 'convert',
  kind: 'editor',
  summary: 'Only for metrics.',
  params: {},
  contexts: ['metric'],
  examples: [],
  make: () => () => undefined,
});

const options = { functions: functionRegistry(STANDARD_FUNCTIONS, [metricOnly]) };

describe('the context is inferred', () => {
  type Row = readonly [context: ContextName, statements: readonly string[], conditions?: readonly string[]];
  const rows: readonly Row[] = [
    ['log', ['set(log.body, "x")']],
    ['log', ['set(resource.attributes["a"], log.body)']],
    ['resource', ['set(resource.attributes["a"], 1)']],
    ['scope', ['set(scope.name, "x")']],
    ['scope', ['set(instrumentation_scope.name, "x")']],
    ['scope', ['set(scope.name, "x") where resource.attributes["a"] == 1']],
    ['span', ['set(resource.attributes["a"], 1)', 'set(span.name, "x")']],
    ['spanevent', ['set(span.name, "x") where spanevent.name == "e"']],
    ['spanlink', ['set(spanlink.attributes["a"], span.name)']],
    ['datapoint', ['set(datapoint.attributes["a"], metric.name)']],
    ['exemplar', ['set(exemplar.filtered_attributes["a"], datapoint.flags)']],
    ['metric', ['set(metric.name, "x")']],
    ['profile', ['set(profile.attributes["a"], scope.name)']],
    ['profilesample', ['set(profilesample.attributes["a"], profile.period)']],
    // Enums and functions that a context lacks rule it out.
    ['log', ['set(resource.attributes["a"], SEVERITY_NUMBER_INFO)']],
    ['spanevent', ['set(resource.attributes["a"], 1) where scope.name == "x" and SPAN_KIND_SERVER == 2']],
    ['datapoint', ['set(metric.name, "x") where FLAG_NONE == 0']],
    // Conditions and keys count.
    ['span', ['set(resource.attributes["a"], 1)'], ['span.kind == SPAN_KIND_SERVER']],
    ['log', ['set(resource.attributes[log.severity_text], 1)']],
    ['log', ['set(resource.attributes["a"], Concat([log.severity_text], ""))']],
  ];

  test.each(rows.map(([context, statements, conditions = []]) => ({ context, statements, conditions })))(
    'as $context from $statements',
    ({ context, statements, conditions }) => {
      expect(compileStatements({ ...options, statements, conditions }).context).toBe(context);
    },
  );

  test('among the candidates', () => {
    const statements = ['set(resource.attributes["a"], 1)', 'set(span.name, "x")'];
    expect(() => compileStatements({ ...options, statements, candidates: ['log', 'resource'] })).toThrow(
      'no context fits: resource does not have paths of span; expected paths, functions and enums of one of log, resource',
    );
  });

  test('and it is an error when nothing names one', () => {
    expect(() => compileStatements({ ...options, statements: ['set(attributes["a"], 1)'] })).toThrow(
      'the context cannot be inferred: no path begins with one',
    );
  });

  test('and it is an error when no context has all functions and enums', () => {
    expect(() => compileStatements({ ...options, statements: ['convert() where span.name == "x"'] })).toThrow(
      'no context fits: span does not have the function convert',
    );
    expect(() => compileStatements({ ...options, statements: ['set(log.body, STATUS_CODE_OK)'] })).toThrow(
      'no context fits: log does not have the enum STATUS_CODE_OK',
    );
  });

  test('then all paths must name a context', () => {
    expect(() =>
      compileStatements({ ...options, statements: ['set(log.body, "x") where severity_number > 1'] }),
    ).toThrow(
      '1:26: the path "severity_number" does not begin with a context; expected one of log, scope, instrumentation_scope, resource, otelcol, found "severity_number"; did you mean log.severity_number?',
    );
  });
});

test('with a context, paths may leave its name out or not', () => {
  const statements = ['set(body, "x")', 'set(log.body, "x")', 'set(resource.attributes["a"], body.string)'];
  expect(compileStatements({ ...options, context: 'log', statements }).context).toBe('log');
});
