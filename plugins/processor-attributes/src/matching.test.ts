import { describe, expect, test } from 'vitest';
import { attributesIn } from './testing/items.ts';
import { pass } from './testing/pass.ts';
import { anyValue, double, keyValues } from './testing/values.ts';

const library = { name: 'mongo-java-driver', version: '3.8.0' };
const shop = { attributes: keyValues({ 'service.name': 'shop', 'host.type': 'n1-standard-1', zone: 3 }) };
const nobody = { attributes: [] };

const SPANS = {
  resourceSpans: [
    {
      resource: shop,
      scopeSpans: [
        {
          scope: library,
          spans: [
            { name: 'GET /cart', kind: 2, attributes: keyValues({ id: 's1', env: 'dev', test: 1, ok: true }) },
            { name: 'login', kind: 3, attributes: keyValues({ id: 's2', env: 'prod', test: double(1) }) },
          ],
        },
        { scope: { name: 'other' }, spans: [{ name: 'login-eu', attributes: keyValues({ id: 's3', ok: 'true' }) }] },
      ],
    },
    {
      resource: nobody,
      scopeSpans: [
        { spans: [{ name: '', kind: 99, attributes: keyValues({ id: 's4', list: [1, { a: double(1) }] }) }] },
      ],
    },
  ],
};

const LOGS = {
  resourceLogs: [
    {
      resource: shop,
      scopeLogs: [
        {
          scope: library,
          logRecords: [
            {
              body: anyValue('AUTH ok'),
              severityNumber: 9,
              severityText: 'info',
              attributes: keyValues({ id: 'l1', n: 1 }),
            },
            {
              body: anyValue({ b: 1, a: 'x' }),
              severityNumber: 17,
              severityText: 'ERROR',
              attributes: keyValues({ id: 'l2', n: double(0.1) }),
            },
          ],
        },
      ],
    },
    {
      resource: nobody,
      scopeLogs: [
        {
          logRecords: [
            { body: anyValue(7), attributes: keyValues({ id: 'l3' }) },
            { attributes: keyValues({ id: 'l4' }) },
          ],
        },
      ],
    },
  ],
};

const gauge = (name: string, id: string) => ({ name, gauge: { dataPoints: [{ attributes: keyValues({ id }) }] } });
const METRICS = {
  resourceMetrics: [
    { resource: shop, scopeMetrics: [{ metrics: [gauge('cpu', 'm1'), gauge('memory', 'm2')] }] },
    { resource: nobody, scopeMetrics: [{ metrics: [gauge('cpu', 'm3'), gauge('cpu.time', 'm4')] }] },
  ],
};

const REQUESTS = { traces: SPANS, logs: LOGS, metrics: METRICS };
type Row = readonly [match: string, selected: string];

/** Which items get an attribute that is inserted into those that match. */
async function selected(signal: keyof typeof REQUESTS, match: string): Promise<string> {
  const entry = `attributes: { ${match}, actions: [{ key: hit, value: 1, action: insert }] }`;
  const items = attributesIn(await pass(entry, signal, REQUESTS[signal])) as {
    key: string;
    value: { stringValue: string };
  }[][];
  const hit = items.filter((attributes) => attributes.some(({ key }) => key === 'hit'));
  return hit.map((attributes) => attributes.find(({ key }) => key === 'id')!.value.stringValue).join(' ');
}

const strict = (criteria: string) => `{ match_type: strict, ${criteria} }`;
const regexp = (criteria: string) => `{ match_type: regexp, ${criteria} }`;

const SPAN_ROWS: readonly Row[] = [
  [`include: ${strict('services: [shop, x]')}`, 's1 s2 s3'],
  [`include: ${strict('services: [<nil-service-name>]')}`, 's4'],
  [`include: ${regexp('services: ["^sh"]')}`, 's1 s2 s3'],
  [`exclude: ${strict('services: [shop]')}`, 's4'],
  [`include: ${strict('span_names: [login]')}`, 's2'],
  [`include: ${regexp('span_names: [login]')}`, 's2 s3'],
  [`include: ${regexp('span_names: ["^login$", "^$"]')}`, 's2 s4'],
  [`include: ${strict('span_kinds: [SPAN_KIND_SERVER]')}`, 's1'],
  [`include: ${regexp('span_kinds: ["UNSPECIFIED$", CLIENT]')}`, 's2 s3'],
  [`exclude: ${regexp('span_kinds: ["."]')}`, 's4'],
  [`include: ${strict('attributes: [{ key: env }]')}`, 's1 s2'],
  [`include: ${strict('attributes: [{ key: env, value: dev }]')}`, 's1'],
  [`include: ${strict('attributes: [{ key: test, value: 1 }]')}`, 's1'],
  [`include: ${strict('attributes: [{ key: ok, value: true }]')}`, 's1'],
  [`include: ${strict('attributes: [{ key: ok, value: "true" }]')}`, 's3'],
  [`include: ${regexp('attributes: [{ key: ok, value: "^true$" }]')}`, 's1 s3'],
  [`include: ${regexp('attributes: [{ key: test, value: "^1$" }]')}`, 's1 s2'],
  [`include: ${strict('attributes: [{ key: env }, { key: ok }]')}`, 's1'],
  [`include: ${strict('attributes: [{ key: list, value: [1, { a: 1 }] }]')}`, ''],
  [`include: ${strict('attributes: [{ key: list }]')}`, 's4'],
  [`include: ${regexp('attributes: [{ key: list, value: "." }]')}`, ''],
  [`include: ${strict('resources: [{ key: host.type, value: n1-standard-1 }]')}`, 's1 s2 s3'],
  [`include: ${strict('resources: [{ key: zone, value: 3 }, { key: service.name }]')}`, 's1 s2 s3'],
  [`include: ${strict('libraries: [{ name: mongo-java-driver }]')}`, 's1 s2'],
  [`include: ${strict('libraries: [{ name: mongo-java-driver, version: 3.8.0 }]')}`, 's1 s2'],
  [`include: ${strict('libraries: [{ name: mongo-java-driver, version: "" }]')}`, ''],
  [`include: ${strict('libraries: [{ name: other, version: "" }]')}`, 's3'],
  [`include: ${strict('libraries: [{ name: other }, { name: mongo-java-driver }]')}`, ''],
  [`include: ${regexp('libraries: [{ name: o }, { name: r }]')}`, 's1 s2 s3'],
  [`include: ${strict('services: [shop], attributes: [{ key: env }], span_names: [login]')}`, 's2'],
  [`include: ${strict('services: [shop]')}, exclude: ${strict('attributes: [{ key: env, value: dev }]')}`, 's2 s3'],
  [`include: ${strict('services: [shop]')}, exclude: ${regexp('span_names: ["^login"]')}`, 's1'],
  [`include: ${regexp('services: [s], regexp: { cacheenabled: true, cachemaxnumentries: 10 }')}`, 's1 s2 s3 s4'],
];

const LOG_ROWS: readonly Row[] = [
  [`include: ${strict('log_bodies: [AUTH ok]')}`, 'l1'],
  [`include: ${strict('log_bodies: ["7", x]')}`, 'l3'],
  [`include: ${strict(`log_bodies: ['{"a":"x","b":1}']`)}`, 'l2'],
  [`include: ${strict('log_bodies: [""]')}`, 'l4'],
  [`include: ${regexp('log_bodies: ["AUTH.*"]')}`, 'l1'],
  [`include: ${regexp('log_bodies: ["(?i)auth", "^\\\\d$"]')}`, 'l1 l3'],
  [`include: ${strict('log_severity_texts: [ERROR]')}`, 'l2'],
  [`include: ${regexp('log_severity_texts: ["(?i)info|error"]')}`, 'l1 l2'],
  ['include: { log_severity_number: { min: 9 } }', 'l1 l2'],
  ['include: { log_severity_number: { min: 10 } }', 'l2'],
  ['include: { log_severity_number: { min: 10, match_undefined: true } }', 'l2 l3 l4'],
  ['exclude: { log_severity_number: { match_undefined: true } }', ''],
  [`include: ${strict('attributes: [{ key: n, value: 1 }]')}`, 'l1'],
  [`include: ${strict('attributes: [{ key: n, value: 0.1 }]')}`, 'l2'],
  [`include: ${regexp('attributes: [{ key: n, value: "^0\\\\.1$" }]')}`, 'l2'],
  [`exclude: ${strict('resources: [{ key: zone }]')}`, 'l3 l4'],
  [`exclude: ${strict('libraries: [{ name: mongo-java-driver }]')}`, 'l3 l4'],
  [`include: ${strict('resources: [{ key: zone }]')}, exclude: ${strict('log_bodies: [AUTH ok]')}`, 'l2'],
];

const METRIC_ROWS: readonly Row[] = [
  [`include: ${strict('metric_names: [cpu]')}`, 'm1 m3'],
  [`include: ${regexp('metric_names: ["^cpu"]')}`, 'm1 m3 m4'],
  [`exclude: ${strict('metric_names: [cpu, memory]')}`, 'm4'],
  [`include: ${strict('resources: [{ key: zone, value: 3 }]')}`, 'm1 m2'],
  [`include: ${strict('metric_names: [cpu], resources: [{ key: zone }]')}`, 'm1'],
  [`include: ${regexp('metric_names: [cpu]')}, exclude: ${strict('resources: [{ key: zone }]')}`, 'm3 m4'],
];

describe('what include and exclude select', () => {
  test.each(SPAN_ROWS)('of spans: %s', async (match, ids) => {
    expect(await selected('traces', match)).toBe(ids);
  });

  test.each(LOG_ROWS)('of log records: %s', async (match, ids) => {
    expect(await selected('logs', match)).toBe(ids);
  });

  test.each(METRIC_ROWS)('of metrics: %s', async (match, ids) => {
    expect(await selected('metrics', match)).toBe(ids);
  });
});
