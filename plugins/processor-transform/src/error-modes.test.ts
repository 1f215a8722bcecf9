import { protoToJson } from '@millrace/otlp';
import { expect, test } from 'vitest';
import { collectorWith, logs, toWire } from './testing/transform.ts';

const GIVEN = logs(
  {},
  { body: { stringValue: '{"a":1}' } },
  { body: { stringValue: 'no JSON' } },
  {
    body: { stringValue: '{"a":2}' },
  },
);
const STATEMENTS = ['set(log.attributes["a"], ParseJSON(log.body)["a"])', 'set(log.severity_text, "seen")'];
const REQUEST = toWire('logs', GIVEN);

/** What arrives, which lines were logged at warn, and what the sender was told. */
async function outcome(settings: object) {
  await using collector = await collectorWith(JSON.stringify(settings));
  const refusal = await collector
    .in()
    .send('logs', REQUEST)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  const text = collector
    .out()
    .accepted.map(({ bytes }) => Buffer.from(protoToJson('logs', bytes)).toString())
    .join();
  const warnings = collector.logger.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
  return { refusal, seen: text.split('"seen"').length - 1, set: text.split('"doubleValue"').length - 1, warnings };
}

test.each([{}, { error_mode: 'ignore' }])('%j goes on with the next statement and tells of it once', async (mode) => {
  const { refusal, seen, set, warnings } = await outcome({ ...mode, log_statements: STATEMENTS });
  expect({ refusal, seen, set }).toEqual({ refusal: undefined, seen: 3, set: 2 });
  expect(warnings).toEqual([expect.objectContaining({ source: STATEMENTS[0], failures: 1 })]);
});

test('silent goes on and tells nothing', async () => {
  const { refusal, seen, set, warnings } = await outcome({ error_mode: 'silent', log_statements: STATEMENTS });
  expect({ refusal, seen, set, warnings }).toEqual({ refusal: undefined, seen: 3, set: 2, warnings: [] });
});

test('propagate refuses the record for good, names the statement, and loses no other record', async () => {
  const { refusal, seen } = await outcome({ error_mode: 'propagate', log_statements: STATEMENTS });
  expect(refusal).toMatchObject({ code: 'OTTL_FAILED', retryable: false, failedItems: 1 });
  expect(String(refusal)).toContain(STATEMENTS[0]);
  expect(seen).toBe(2);
});

test('a group has its own mode', async () => {
  const own = { error_mode: 'propagate', log_statements: [{ error_mode: 'silent', statements: STATEMENTS }] };
  expect(await outcome(own)).toMatchObject({ refusal: undefined, seen: 3, warnings: [] });
  const other = { error_mode: 'silent', log_statements: [{ error_mode: 'propagate', statements: STATEMENTS }] };
  expect(await outcome(other)).toMatchObject({ refusal: { code: 'OTTL_FAILED' }, seen: 2 });
});

test('a condition that fails leaves the record alone', async () => {
  const group = { conditions: ['ParseJSON(log.body)["a"] > 0'], statements: STATEMENTS };
  const { seen, set, warnings } = await outcome({ error_mode: 'ignore', log_statements: [group] });
  expect({ seen, set }).toEqual({ seen: 2, set: 2 });
  expect(warnings).toEqual([expect.objectContaining({ source: group.conditions[0] })]);
});
