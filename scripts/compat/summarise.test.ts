import { expect, test } from 'vitest';
import type { Obstacle } from './check-config.ts';
import { formatReport } from './format-report.ts';
import { summarise } from './summarise.ts';

const obstacle = (kind: Obstacle['kind'], subject: string): Obstacle => ({
  kind,
  subject,
  location: '',
  message: subject,
});

const VERDICTS = [
  { name: 'a', obstacles: [], warnings: [] },
  {
    name: 'b',
    obstacles: [
      obstacle('unknown component', 'receiver x'),
      obstacle('unknown component', 'receiver x'),
      obstacle('unsupported key', 'exporters.otlp.y'),
    ],
    warnings: ['look'],
  },
  {
    name: 'c',
    obstacles: [obstacle('unknown component', 'receiver w'), obstacle('unknown component', 'receiver x')],
    warnings: [],
  },
];

test('what is wanted counts once for each configuration, the most wanted first', () => {
  const summary = summarise(VERDICTS);
  expect(summary).toMatchObject({ total: 3, runs: 1 });
  expect(summary.withKind).toEqual({ 'unknown component': 2, 'unsupported key': 1, error: 0 });
  expect(summary.wants['unknown component']).toEqual([
    { subject: 'receiver x', configs: 2 },
    { subject: 'receiver w', configs: 1 },
  ]);
});

test('the report ends with totals and wants', () => {
  const report = formatReport(VERDICTS, summarise(VERDICTS), ['other.yaml']);
  expect(report).toContain('a: runs unchanged');
  expect(report).toContain('b: does not run\n  unknown component: receiver x');
  expect(report).toContain('  note: look');
  expect(report).toContain('3 configurations: 1 run unchanged');
  expect(report).toMatch(/Components that are wanted, by configurations\n +2 {2}receiver x\n +1 {2}receiver w/);
});
