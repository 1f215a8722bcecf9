import { spawnSync } from 'node:child_process';

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What a scrape brought. */
export class Exposition {
  readonly text: string;
  readonly families: ReadonlyMap<string, MetricFamily>;

  constructor(text: string, families: ReadonlyMap<string, MetricFamily>) {
    this.text = text;
    this.families = families;
  }

  /** Samples of one name that have all of `labels`. */
  samples(name: string, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
    return [...this.families.values()]
      .flatMap((family) => family.samples)
      .filter((sample) => sample.name === name)
      .filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value));
  }

  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.samples(name, labels).reduce((sum, { value }) => sum + value, 0);
  }
}

/**
 * Reads the Prometheus text format 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/). Stricter than
 * Prometheus: every sample needs a HELP and a TYPE before it, families stand together, and no series comes twice.
 */
export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const families = new Map<string, { name: string; type: string; help: string; samples: Sample[] }>();
  const series = new Set<string>();
  let current: { name: string; type: string; help: string; samples: Sample[] } | undefined;
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const about = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line);
    if (about !== null) {
      const [, keyword, name = '', rest = ''] = about;
      if (current?.name !== name) {
        if (families.has(name)) throw new Error(`the family ${name} does not stand together`);
        current = { name, type: '', help: '', samples: [] };
        families.set(name, current);
      }
      if (keyword === 'TYPE') current.type = rest;
      else current.help = rest;
    } else if (!line.startsWith('#')) {
      const sample = parseSample(line);
      if (current === undefined || current.type === '' || !belongs(sample.name, current)) {
        throw new Error(`a sample without its TYPE: ${line}`);
      }
      const key = `${sample.name} ${JSON.stringify(
        Object.keys(sample.labels)
          .sort()
          .map((label) => [label, sample.labels[label]]),
      )}`;
      if (series.has(key)) throw new Error(`a series comes twice: ${line}`);
      series.add(key);
      current.samples.push(sample);
    }
  }
  return new Exposition(text, families);
}

/** What Prometheus's own checker finds wrong with the format; its advice on naming is left out. */
export function promtoolComplaints(text: string): string[] {
  const result = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (result.error !== undefined) throw result.error;
  const lines = `${result.stdout}${result.stderr}`.split('\n').filter((line) => line !== '');
  return lines.filter((line) => !NAMING_ADVICE.some((advice) => line.endsWith(advice)));
}

/** The names are the Collector's, which does not follow these. */
const NAMING_ADVICE = [
  'counter metrics should have "_total" suffix',
  'use base unit "seconds" instead of "milliseconds"',
  'no help text',
  'non-counter metrics should not have "_total" suffix',
];

function parseSample(line: string): Sample {
  const head = /^([a-zA-Z_:][\w:]*)/.exec(line);
  if (head === null) throw new Error(`no sample: ${line}`);
  const name = head[1];
  const labels: Record<string, string> = {};
  let at = name.length;
  if (line[at] === '{') {
    at++;
    while (line[at] !== '}') {
      const pair = /^([a-zA-Z_]\w*)="((?:[^"\\]|\\[\\"n])*)",?/.exec(line.slice(at));
      if (pair === null) throw new Error(`broken labels: ${line}`);
      const [whole, key = '', value = ''] = pair;
      if (key in labels) throw new Error(`the label ${key} comes twice: ${line}`);
      labels[key] = value.replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
      at += whole.length;
    }
    at++;
  }
  const rest = /^ ([^ ]+)(?: -?\d+)?$/.exec(line.slice(at));
  if (rest === null) throw new Error(`no value: ${line}`);
  return { name, labels, value: numberOf(rest[1], line) };
}

function numberOf(text: string, line: string): number {
  const special = { '+Inf': Infinity, '-Inf': -Infinity, NaN: Number.NaN }[text];
  if (special !== undefined) return special;
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`"${text}" is no number: ${line}`);
  return value;
}

function belongs(sample: string, family: { readonly name: string; readonly type: string }): boolean {
  const suffixes = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] }[family.type] ?? [''];
  return suffixes.some((suffix) => sample === `${family.name}${suffix}`);
}
