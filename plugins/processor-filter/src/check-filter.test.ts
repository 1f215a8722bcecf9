import { expect, test } from 'vitest';
import { collectorWith } from './testing/filter.ts';

const OTTL = 'conditions in OTTL are not supported yet';
const EXPR = 'the expression language expr is not supported';

test.each([
  ['{ logs: { log_record: [\'IsMatch(body, "x")\'] } }', 'logs.log_record', OTTL],
  ['{ logs: { resource: [] } }', 'logs.resource', OTTL],
  ['{ traces: { span: [a] } }', 'traces.span', OTTL],
  ['{ traces: { spanevent: [a], resource: [b] } }', 'traces.resource', OTTL],
  ['{ metrics: { metric: [a] } }', 'metrics.metric', OTTL],
  ['{ metrics: { datapoint: [a] } }', 'metrics.datapoint', OTTL],
  ['{ profiles: { profile: [a] } }', 'profiles.profile', OTTL],
  ['{ log_conditions: [a] }', 'log_conditions', OTTL],
  ['{ trace_conditions: [{ context: span, conditions: [a] }] }', 'trace_conditions', OTTL],
  ['{ metrics: { include: { match_type: expr, expressions: [a] } } }', 'metrics.include.match_type', EXPR],
  ['{ metrics: { exclude: { match_type: strict, expressions: [a] } } }', 'metrics.exclude.expressions', EXPR],
  ['{ logs: { include: { match_type: expr } } }', 'logs.include.match_type', EXPR],
  ['{ logs: { include: { bodies: [a] } } }', 'logs.include.bodies', 'there is no match_type'],
  ['{ logs: { include: { match_type: regexp, bodies: ["("] } } }', 'logs.include.bodies', 'RE2 syntax'],
  ['{ logs: { include: { severity_number: { min: LOUD } } } }', 'severity_number.min', '"LOUD" is no severity'],
  ['{ logs: { include: { severity_number: { min: "25" } } } }', 'severity_number.min', '"25" is no severity'],
  ['{ spans: { include: { match_type: strict } } }', 'spans.include', 'matches against nothing'],
  [
    '{ spans: { include: { match_type: strict, log_bodies: [a] } } }',
    'spans.include.log_bodies',
    'is not for this signal',
  ],
  ['{ metrics: { include: { metric_names: [a] } } }', 'metrics.include.metric_names', 'there is no match_type'],
  ['{ error_mode: panic }', 'error_mode', 'ignore'],
])('refuses %s at %s', async (settings, place, problem) => {
  const error: unknown = await collectorWith(settings).catch((reason: unknown) => reason);
  expect(String(error)).toContain(place);
  expect(String(error)).toContain(problem);
});

test.each(['ignore', 'silent', 'propagate'])('takes error_mode %s', async (mode) => {
  await expect(
    collectorWith(`{ error_mode: ${mode} }`).then((collector) => collector.shutdown()),
  ).resolves.toBeDefined();
});
