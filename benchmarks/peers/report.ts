import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { median } from '../statistics.ts';
import type { Reading } from './reading.ts';
import type { Scenario } from './scenarios.ts';
import type { Subject } from './subjects.ts';

const root = path.join(import.meta.dirname, '../..');
const PAGE = path.join(root, 'docs/performance.md');
const TABLE_BEGIN = '<!-- bench:peers begins -->';
const TABLE_END = '<!-- bench:peers ends -->';

/** Medians of one subject's rounds. */
export interface Row {
  readonly subject: string;
  /** CPU seconds per million items. */
  readonly cpu: number;
  readonly cpuRounds: readonly number[];
  readonly peakMib: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
  readonly received: number;
  /** Of all rounds together. */
  readonly lost: number | undefined;
  readonly refused: number;
  /** Why there are no numbers. */
  readonly skipped?: string;
}

/** A scenario's rows; the first is the one that the others are compared with. */
export interface Comparison {
  readonly scenario: Scenario;
  readonly rows: readonly Row[];
}

export function summarise({ name }: Subject, readings: readonly Reading[]): Row {
  const of = (field: 'cpu' | 'peakMib' | 'p50Ms' | 'p99Ms' | 'perSecond' | 'received') =>
    median(readings.map((reading) => reading[field]));
  const isKnown = readings.every(({ lost }) => lost !== undefined);
  return {
    subject: name,
    cpu: of('cpu'),
    cpuRounds: readings.map(({ cpu }) => cpu),
    peakMib: of('peakMib'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    perSecond: of('perSecond'),
    received: of('received'),
    lost: isKnown ? readings.reduce((sum, { lost = 0 }) => sum + lost, 0) : undefined,
    refused: readings.reduce((sum, { refused }) => sum + refused, 0),
  };
}

/** One line for the terminal. */
export function lineOf(row: Row, base: Row): string {
  if (row.skipped !== undefined) return `  ${row.subject.padEnd(24)} ${row.skipped}`;
  const cells = [
    `  ${row.subject.padEnd(24)}`,
    `${row.cpu.toFixed(2).padStart(7)} CPU-s/M`,
    ratio(row.cpu, base.cpu).padStart(5),
    `${(row.perSecond / 1e6).toFixed(2).padStart(5)} M/s`,
    `p50 ${milliseconds(row.p50Ms)}`,
    `p99 ${milliseconds(row.p99Ms)}`,
    `peak ${row.peakMib.toFixed(0)} MiB`,
    row.lost === undefined ? `received ${row.received}` : `lost ${row.lost}`,
    row.refused === 0 ? '' : `refused ${row.refused}`,
  ];
  return cells.join('  ').trimEnd();
}

/** The first subject's numbers, and beside them the ratio of each other one's to them. */
export function markdownTable(comparisons: readonly Comparison[]): string {
  const header = ['scenario', 'subject', 'CPU-s per million', 'ratio', 'peak MiB', 'ratio', 'p50 ms', 'p99 ms', 'lost'];
  const lines = comparisons.flatMap(({ scenario, rows }) =>
    rows.map((row, index) => {
      const [base] = rows;
      const title = index === 0 ? scenario.title : '';
      if (row.skipped !== undefined) return [title, row.subject, row.skipped, '', '', '', '', '', ''];
      return [
        title,
        row.subject,
        row.cpu.toFixed(2),
        ratio(row.cpu, base.cpu),
        row.peakMib.toFixed(0),
        ratio(row.peakMib, base.peakMib),
        milliseconds(row.p50Ms),
        milliseconds(row.p99Ms),
        row.lost === undefined ? '' : String(row.lost),
      ];
    }),
  );
  const widths = header.map((_, column) => Math.max(...[header, ...lines].map((cells) => cells[column].length), 3));
  const format = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [format(header), format(widths.map((width) => '-'.repeat(width))), ...lines.map(format)].join('\n');
}

export interface RunFacts {
  readonly records: number;
  readonly rounds: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Writes the numbers to benchmarks/results, and the table into the page about performance. */
export function save(comparisons: readonly Comparison[], facts: RunFacts): void {
  const date = new Date().toISOString().slice(0, 10);
  const file = `benchmarks/results/peers-${date}.json`;
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
  const scenarios = comparisons.map(({ scenario, rows }) => ({ ...scenario, rows }));
  const result = { date, ...machine, ...facts, scenarios };
  writeFileSync(path.join(root, file), `${JSON.stringify(result, undefined, 2)}\n`);
  const versions = Object.entries(facts.versions).map(([name, version]) => `${name} (${version})`);
  const head = [
    `${machine.cores} cores of ${machine.cpu}; ${facts.records.toLocaleString('en')} records a run, median of ${facts.rounds} rounds`,
    `(\`${file}\`). ${versions.join(', ')}.`,
  ];
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [page.indexOf(TABLE_BEGIN), page.indexOf(TABLE_END)];
  if (begin === -1 || end === -1) throw new Error(`${PAGE} has no ${TABLE_BEGIN} and ${TABLE_END}`);
  const table = `${TABLE_BEGIN}\n\n${head.join('\n')}\n\n${markdownTable(comparisons)}\n\n`;
  writeFileSync(PAGE, page.slice(0, begin) + table + page.slice(end));
}

function ratio(value: number, base: number): string {
  return (value / base).toFixed(2);
}

function milliseconds(value: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(1);
}
