import { expect, test } from 'vitest';
import { collectorWith } from './testing/filter.ts';
import { insteadOf, translateExpression } from './translate-expression.ts';

test.each([
  ['MetricName == "a.b"', 'name == "a.b"'],
  ["MetricName != 'a'", 'name != "a"'],
  ['HasLabel("k")', 'HasAttrKeyOnDatapoint("k")'],
  ['Label("k") == "v"', 'HasAttrOnDatapoint("k", "v")'],
  ['MetricName == "a" && Label("k") == "v"', 'name == "a" and HasAttrOnDatapoint("k", "v")'],
  ['HasLabel("k") and MetricName == "a"', 'HasAttrKeyOnDatapoint("k") and name == "a"'],
  ["Label('k') == 'say \"x\"'", 'HasAttrOnDatapoint("k", "say \\"x\\"")'],
  ['HasLabel("a") && HasLabel("b")', undefined],
  ['Label("k") == ""', undefined],
  ['MetricName startsWith "a"', undefined],
])('%s is %s in OTTL', (expression, condition) => {
  expect(translateExpression(expression)).toBe(condition);
});

test.each(['include', 'exclude'] as const)(
  'a filter that has %s: { match_type: expr } is told what to write',
  async (side) => {
    const expressions = ['Label("foo") == "bar"', 'MetricName == "a"'];
    const settings = { metrics: { [side]: { match_type: 'expr', expressions } } };
    const error = await collectorWith(JSON.stringify(settings)).then(
      () => '',
      (reason: unknown) => String(reason),
    );
    const remedy = insteadOf(expressions, side);
    expect(error).toContain(remedy);
    // What is proposed is accepted.
    const [, list] = /metric: \[(.*)\] \} instead$/.exec(remedy) ?? [];
    await using _ = await collectorWith(`{ metrics: { metric: [${list}] } }`);
  },
);

test('what cannot be translated is described', () => {
  expect(insteadOf(['MetricName matches "a"'], 'include')).toContain('conditions on data points');
});
