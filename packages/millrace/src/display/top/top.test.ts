import { stripVTControlCharacters } from 'node:util';
import type { Labels } from '@millrace/api';
import { expect, test } from 'vitest';
import type { ControlStatus } from '../../control/control-status.ts';
import { paintFor } from '../paint.ts';
import { frameLines, sortedRows } from './top-frame.ts';
import { topModel, type TopModel } from './top-model.ts';

type Value = readonly [name: string, labels: Labels, value: number, count?: number];

function status(seconds: number, values: readonly Value[], more: Partial<ControlStatus> = {}): ControlStatus {
  const pipeline = { signal: 'logs', guarantee: 'safe' } as const;
  return {
    version: '1.2.3',
    pid: 42,
    atMs: 0,
    uptimeMs: seconds * 1_000,
    ready: true,
    cpuMs: seconds * 300,
    rssBytes: 100 * 1024 * 1024,
    workers: { threads: 2, running: 0, waiting: 3, lost: 0 },
    bytesInFlight: 1024,
    bytesInFlightMax: 1024 * 1024,
    lastReload: undefined,
    pipelines: [
      { ...pipeline, id: 'logs', receivers: ['otlp'], processors: ['gate', 'batch'], exporters: ['hub', 'otlp'] },
      { ...pipeline, id: 'logs/b', receivers: ['hub'], processors: ['batch'], exporters: ['nop'] },
    ],
    components: [
      { kind: 'receiver', id: 'otlp', status: 'ok', message: undefined, sinceMs: 0 },
      { kind: 'exporter', id: 'otlp', status: 'recoverable_error', message: 'away\nfor now', sinceMs: 0 },
    ],
    costs: [{ kind: 'processor', id: 'batch', busyMs: seconds * 100, items: 0 }],
    series: values.map(([name, labels, value, count]) => ({
      name,
      labels,
      value,
      ...(count === undefined ? {} : { count }),
    })),
    ...more,
  };
}

const BATCH = { processor: 'batch', otel_signal: 'logs' };

function values(factor: number): Value[] {
  return [
    ['otelcol_receiver_accepted_log_records', { receiver: 'otlp', transport: 'http' }, 100 * factor],
    ['otelcol_receiver_accepted_log_records', { receiver: 'otlp', transport: 'grpc' }, 50 * factor],
    ['otelcol_receiver_accepted_spans', { receiver: 'otlp', transport: 'grpc' }, 7 * factor],
    ['otelcol_receiver_refused_log_records', { receiver: 'otlp' }, 10 * factor],
    ['otelcol_processor_incoming_items', { processor: 'gate', otel_signal: 'logs' }, 150 * factor],
    ['otelcol_processor_outgoing_items', { processor: 'gate', otel_signal: 'logs' }, 150 * factor],
    ['otelcol_processor_incoming_items', { ...BATCH, pipeline: 'logs' }, 150 * factor],
    ['otelcol_processor_outgoing_items', { ...BATCH, pipeline: 'logs' }, 140 * factor],
    ['otelcol_processor_incoming_items', { ...BATCH, pipeline: 'logs/b' }, 20 * factor],
    ['otelcol_connector_consumed_items', { connector: 'hub', otel_signal: 'logs' }, 30 * factor],
    ['otelcol_connector_produced_items', { connector: 'hub', pipeline: 'logs/b' }, 20 * factor],
    ['otelcol_exporter_sent_log_records', { exporter: 'otlp' }, 80 * factor],
    ['otelcol_exporter_send_failed_log_records', { exporter: 'otlp' }, 5 * factor],
    ['otelcol_exporter_send_duration', { exporter: 'otlp' }, 400 * factor, 10 * factor],
    ['otelcol_exporter_queue_size', { exporter: 'otlp', data_type: 'logs' }, 12],
    ['otelcol_exporter_queue_capacity', { exporter: 'otlp', data_type: 'logs' }, 1_000],
    ['millrace_grind_duration', { stage: 'otlp/logs' }, 500 * factor, 100 * factor],
  ];
}

/** Two seconds apart. */
const model = topModel(status(10, values(1)), status(12, values(3)));

test('rates, errors, queues, latency and CPU are told for each component where it stands', () => {
  const told = model.rows.map(({ pipeline, kind, id, inPerSecond, outPerSecond, errorsPerSecond, errors }) => {
    return [pipeline, kind, id, inPerSecond, outPerSecond, errorsPerSecond, errors];
  });
  expect(told).toEqual([
    ['logs', 'receiver', 'otlp', undefined, 150, 10, 30],
    ['logs', 'processor', 'gate', 150, 150, 0, 0],
    ['logs', 'processor', 'batch', 150, 140, 0, 0],
    ['logs', 'connector', 'hub', 30, undefined, 0, 0],
    ['logs', 'exporter', 'otlp', undefined, 80, 5, 15],
    ['logs/b', 'connector', 'hub', undefined, 20, 0, 0],
    ['logs/b', 'processor', 'batch', 20, 0, 0, 0],
    ['logs/b', 'exporter', 'nop', undefined, 0, 0, 0],
  ]);
  expect(model.rows[4]).toMatchObject({
    queue: { size: 12, capacity: 1_000 },
    latencyMs: 40,
    status: 'recoverable_error',
  });
  expect(model.rows[2].cpu).toBeCloseTo(0.1);
  expect(model).toMatchObject({ inPerSecond: 157, outPerSecond: 80, errorsPerSecond: 15, taskMs: 5, waiting: 3 });
  expect(model.cpu).toBeCloseTo(0.3);
  // A second of work in two seconds on two workers.
  expect(model.poolUse).toBeCloseTo(0.25);
});

test('what was counted anew after a restart of a component is no negative rate', () => {
  const again = topModel(status(10, values(3)), status(11, values(1)));
  expect(again.rows.every(({ inPerSecond = 0, outPerSecond = 0 }) => inPerSecond >= 0 && outPerSecond >= 0)).toBe(true);
});

function frame(of: TopModel, more: Partial<Parameters<typeof frameLines>[1]> = {}, isTTY = false): string[] {
  return frameLines(of, { columns: 200, lines: 40, sort: 'pipeline', ...more }, paintFor({ isTTY }));
}

test('a frame names pipelines and components, and says what a component says, on one line', () => {
  const lines = frame(model);
  expect(lines[0]).toBe('millrace 1.2.3  ·  pid 42  ·  up 12s  ·  ● running');
  expect(lines.filter((line) => line.startsWith('logs'))).toEqual(['logs', 'logs/b']);
  expect(lines.find((line) => line.includes('exporter'))).toMatch(
    /^ {2}otlp +exporter +80 +5\.0 +15 +12\/1,000 +40 ms +0\.0% {2}recoverable_error: away for now$/,
  );
});

test('rows are sorted by what changes most', () => {
  expect(sortedRows(model, 'rate')[0].id).toBe('otlp');
  expect(sortedRows(model, 'cpu')[0].id).toBe('batch');
  expect(
    sortedRows(model, 'errors')
      .map(({ kind, id }) => `${kind} ${id}`)
      .slice(0, 2),
  ).toEqual(['receiver otlp', 'exporter otlp']);
  expect(frame(model, { sort: 'cpu' }).filter((line) => line.startsWith('logs: batch'))).toHaveLength(1);
});

test('a frame fits its terminal, and the selected row is always in it', () => {
  for (let selected = 0; selected < model.rows.length; selected++) {
    const lines = frame(model, { columns: 50, lines: 9, selected }, true);
    expect(lines.length).toBeLessThanOrEqual(9);
    for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(50);
    const marked = lines.filter((line) => line.includes('\u001B[7m'));
    expect(marked).toHaveLength(1);
    expect(marked[0]).toContain(model.rows[selected].id);
  }
});
