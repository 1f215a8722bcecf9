import { expect, test } from 'vitest';
import { checkCount } from './check-count.ts';
import type { MetricSettings } from './count-settings.ts';

const metric = (more: Partial<MetricSettings>): MetricSettings => ({
  description: '',
  conditions: [],
  attributes: [],
  ...more,
});

test.each([
  [{ logs: { '': metric({}) } }, 'logs: a metric needs a name'],
  [{ logs: { n: metric({ conditions: ['true', 'severity_nummber == 1'] }) } }, 'logs.n.conditions.1: at column 1: '],
  [{ spans: { n: metric({ conditions: ['severity_number == 1'] }) } }, 'spans.n.conditions.0: at column 1: '],
  [
    { spans: { n: metric({ conditions: ['otelcol.client.addr == "x"'] }) } },
    'spans.n.conditions.0: connectors are not told who',
  ],
  [{ spans: { n: metric({ attributes: [{ key: 'a' }, { key: 'a' }] }) } }, 'spans.n.attributes.1: "a" is there twice'],
  [{ metrics: { n: metric({ attributes: [{ key: 'a' }] }) } }, 'metrics.n.attributes: metrics have no attributes'],
  [{ profiles: { n: metric({ conditions: ['severity_number == 1'] }) } }, 'profiles.n.conditions.0: at column 1: '],
])('%o is refused', (settings, expected) => {
  const [fault] = checkCount(settings);
  expect(`${fault?.path.join('.')}: ${fault?.message}`).toContain(expected);
});

test('what is right is right', () => {
  const right = metric({ conditions: ['span.kind == SPAN_KIND_SERVER'], attributes: [{ key: 'a', default_value: 1 }] });
  expect(checkCount({ spans: { n: right } })).toEqual([]);
});
