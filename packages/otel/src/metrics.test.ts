import { permanent } from '@millrace/api';
import { MetricsBatch } from '@millrace/otlp';
import { AggregationTemporality, InstrumentType, MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { MillraceMetricExporter, type TemporalityPreference } from './metric-exporter.ts';
import { MillraceMetricReader } from './metric-reader.ts';
import { FakeIntake } from './testing/fake-intake.ts';
import { recordedDiagnostics } from './testing/recorded-diagnostics.ts';

const told = recordedDiagnostics();

function meter(temporality: TemporalityPreference) {
  const intake = new FakeIntake();
  const reader = new MillraceMetricReader({ receiver: intake, temporality });
  const provider = new MeterProvider({ readers: [reader] });
  /** The values of the last request. */
  const values = () =>
    Array.from(MetricsBatch.of(intake.requests.slice(-1)).dataPoints, (point) =>
      'value' in point ? point.value : point.type,
    );
  return { intake, provider, counter: provider.getMeter('m').createCounter('orders'), values };
}

test.each<[TemporalityPreference, number[]]>([
  ['cumulative', [2, 5]],
  ['delta', [2, 3]],
])('with %s, forceFlush hands over what there is and waits for the acknowledgement', async (temporality, expected) => {
  const { intake, provider, counter, values } = meter(temporality);
  const seen: unknown[] = [];
  for (const value of [2, 3]) {
    counter.add(value);
    const answer = Promise.withResolvers<void>();
    const asked = new Promise<void>((resolve) => (intake.answer = () => (resolve(), answer.promise)));
    let isFlushed = false;
    const flushed = provider.forceFlush().then(() => (isFlushed = true));
    await asked;
    expect(isFlushed).toBe(false);
    answer.resolve();
    await flushed;
    seen.push(...values());
  }
  expect(seen).toEqual(expected);
  intake.answer = () => Promise.resolve();
  await provider.shutdown();
});

test('a refusal is told with how many points are lost', async () => {
  const { intake, provider, counter } = meter('delta');
  counter.add(1, { country: 'de' });
  counter.add(1, { country: 'fr' });
  intake.answer = () => Promise.reject(permanent('no pipeline takes metrics'));
  await provider.forceFlush().catch(() => undefined);
  expect(told.errors).toContain('MillraceMetricExporter: 2 of 2 data points are lost: no pipeline takes metrics');
  intake.answer = () => Promise.resolve();
  await provider.shutdown();
});

test('delta and lowmemory leave cumulative what they have to', () => {
  const { DELTA, CUMULATIVE } = AggregationTemporality;
  const of = (temporality: TemporalityPreference) => {
    const exporter = new MillraceMetricExporter({ receiver: new FakeIntake(), temporality });
    const { COUNTER, OBSERVABLE_COUNTER, HISTOGRAM, UP_DOWN_COUNTER, OBSERVABLE_UP_DOWN_COUNTER } = InstrumentType;
    const types = [COUNTER, HISTOGRAM, OBSERVABLE_COUNTER, UP_DOWN_COUNTER, OBSERVABLE_UP_DOWN_COUNTER];
    return types.map((type) => exporter.selectAggregationTemporality(type));
  };
  expect(of('cumulative')).toEqual([CUMULATIVE, CUMULATIVE, CUMULATIVE, CUMULATIVE, CUMULATIVE]);
  expect(of('delta')).toEqual([DELTA, DELTA, DELTA, CUMULATIVE, CUMULATIVE]);
  expect(of('lowmemory')).toEqual([DELTA, DELTA, CUMULATIVE, CUMULATIVE, CUMULATIVE]);
});
