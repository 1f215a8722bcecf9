import { expect, test } from 'vitest';
import { collectorWith } from './testing/filter.ts';

const EXPR = 'the expression language expr is not supported';

test.each([
  ['{ logs: { log_record: [\'IsMatch(body, "(")\'] } }', 'logs.log_record[0]', 'at column '],
  ['{ logs: { log_record: ["body == 1", "bodi == 1"] } }', 'logs.log_record[1]', 'did you mean log.body?'],
  ['{ logs: { resource: ["log.body == 1"] } }', 'logs.resource[0]', 'at column 1: '],
  ['{ traces: { span: ["nam == 1"] } }', 'traces.span[0]', 'at column 1: the context span has no path "nam"'],
  ['{ traces: { spanevent: ["name =="], resource: ["x"] } }', 'traces.spanevent[0]', 'at column '],
  ['{ metrics: { metric: ["set(name, 1)"] } }', 'metrics.metric[0]', 'at column 1'],
  ['{ metrics: { datapoint: [\'HasAttrKeyOnDatapoint("a")\'] } }', 'metrics.datapoint[0]', 'the context metric'],
  ['{ profiles: { profile: [a] } }', 'profiles.profile[0]', 'at column 1'],
  ['{ profile_conditions: ["profile.nope == 1"] }', 'profile_conditions[0]', 'nope'],
  ['{ log_conditions: ["log.body == 1", "log.bodi == 1"] }', 'log_conditions[1]', 'did you mean log.body?'],
  ['{ log_conditions: ["body == 1"] }', 'log_conditions[0]', 'the context cannot be inferred'],
  ['{ log_conditions: [""] }', 'log_conditions[0]', 'at column 1'],
  ['{ logs: { log_record: [ ] , resource: [null] } }', 'logs.resource[0]', 'at column 1'],
  ['{ trace_conditions: [{ conditions: [" "] }] }', 'trace_conditions[0].conditions[0]', 'at column'],
  ['{ trace_conditions: [null] }', 'trace_conditions[0]', 'at column 1'],
  [
    '{ trace_conditions: [{ context: span, conditions: ["name == 1", "nam == 1"] }] }',
    'trace_conditions[0].conditions[1]',
    'did you mean span.name?',
  ],
  ['{ metric_conditions: [{ context: log, conditions: [] }] }', 'metric_conditions[0].context', 'datapoint'],
  [
    '{ log_conditions: ["log.body == 1", { conditions: ["log.body == 1"] }] }',
    'log_conditions',
    'conditions and groups of conditions stand in one list',
  ],
  [
    '{ logs: { log_record: ["true"], exclude: { match_type: strict, bodies: [a] } } }',
    'logs.log_record',
    'cannot be used together with logs.exclude',
  ],
  [
    '{ traces: { spanevent: ["true"] }, spans: { include: { match_type: strict, services: [a] } } }',
    'traces.spanevent',
    'cannot be used together with spans.include',
  ],
  [
    '{ metrics: { datapoint: ["true"] }, metric_conditions: ["metric.name == 1"] }',
    'metrics.datapoint',
    'cannot be used together with metric_conditions',
  ],
  [
    '{ metrics: { include: { match_type: strict, metric_names: [a] } }, metric_conditions: ["metric.name == 1"] }',
    'metric_conditions',
    'cannot be used together with metrics.include',
  ],
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
    collectorWith(
      `{ logs: { log_record: ["true"] }, spans: { include: { match_type: strict, services: [a] } }, error_mode: ${mode} }`,
    ).then((collector) => collector.shutdown()),
  ).resolves.toBeDefined();
});
