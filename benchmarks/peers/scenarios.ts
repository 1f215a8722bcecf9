import { distinctRequests, type LoadCompression, type LoadSignal, type ShapeName } from '@millrace/load';
import { LogsBatch } from '@millrace/otlp';
import { corpus } from '../corpus/requests.ts';
import type { Protocol } from '../pipeline/load.ts';

/** One configuration under one load. */
export interface Scenario {
  readonly name: string;
  /** What the tables call it. */
  readonly title: string;
  /** File in `scenarios/`, the same for every subject. */
  readonly config: string;
  /** In and out. */
  readonly protocol: Protocol;
  readonly signal: LoadSignal;
  /** In and out. */
  readonly compression: LoadCompression;
  readonly shape: ShapeName;
  /** Records or spans of a request. */
  readonly batch: number;
  readonly connections: number;
  /** Who makes the load; `telemetrygen` is the Collector project's own. */
  readonly generator: 'load' | 'telemetrygen';
  /** Items that have to arrive at the sink after so many requests; undefined where that is for the subject to decide. */
  readonly expected: ((requests: number) => number) | undefined;
  /** For how long nothing may arrive before it counts as all, where it is not known what has to. */
  readonly settleMs: number;
}

const BASE = {
  config: 'forward',
  protocol: 'http',
  signal: 'logs',
  compression: 'none',
  shape: 'typical',
  batch: 1_000,
  connections: 8,
  generator: 'load',
  settleMs: 3_000,
} as const;

type Change = Partial<Omit<Scenario, 'name' | 'title' | 'expected'>>;

function scenario(
  name: string,
  title: string,
  change: Change = {},
  expected?: Scenario['expected'] | 'some',
): Scenario {
  const settings = { ...BASE, ...change };
  const all = (requests: number) => requests * settings.batch;
  return { name, title, ...settings, expected: expected === 'some' ? undefined : (expected ?? all) };
}

/** Records that the filter scenario keeps: those that are no GET. */
function keptByFilter(requests: number): number {
  const distinct = distinctRequests(BASE.batch);
  const kept = corpus({ requests: distinct, items: BASE.batch }).map((bytes) => {
    let count = 0;
    for (const record of LogsBatch.of([bytes]).records) {
      if (record.attributes.get('http.request.method') !== 'GET') count++;
    }
    return count;
  });
  let sum = 0;
  for (let request = 0; request < requests; request++) sum += kept[request % distinct];
  return sum;
}

const byProtocol = (name: string, title: string, change: Change = {}, expected?: Scenario['expected']): Scenario[] => [
  scenario(name, `${title}, HTTP`, change, expected),
  scenario(`${name}-grpc`, `${title}, gRPC`, { ...change, protocol: 'grpc' }, expected),
];

export const SCENARIOS: readonly Scenario[] = [
  ...byProtocol('forward', 'forward'),
  ...byProtocol('forward-gzip', 'forward, gzip', { compression: 'gzip' }),
  ...byProtocol('forward-zstd', 'forward, zstd', { compression: 'zstd' }),
  ...byProtocol('forward-unqueued', 'forward, no queue', { config: 'forward-unqueued' }),
  ...byProtocol('rename', 'rename an attribute', { config: 'rename' }),
  ...byProtocol('filter', 'filter half', { config: 'filter' }, keptByFilter),
  ...byProtocol('transform10', 'ten statements', { config: 'transform10' }),
  scenario('redaction', 'redaction', { config: 'redaction' }),
  scenario('tail-sampling', 'tail sampling', { config: 'tail-sampling', signal: 'traces' }, 'some'),
  scenario('spanmetrics', 'span metrics', { config: 'spanmetrics', signal: 'traces' }, 'some'),
  scenario('fan-out', 'fan-out to three', { config: 'fan-out' }, (requests) => requests * BASE.batch * 3),
  scenario('records-100', '100 B records', { shape: 'small' }),
  scenario('records-2000', '2 kB records', { shape: 'fat' }),
  scenario('batch-10', '10 a request', { batch: 10 }),
  scenario('batch-100', '100 a request', { batch: 100 }),
  scenario('batch-8000', '8,000 a request', { batch: 8_000 }),
  scenario('batch-10-grpc', '10 a request, gRPC', { batch: 10, protocol: 'grpc' }),
  scenario('connections-1', '1 connection', { connections: 1 }),
  scenario('connections-50', '50 connections', { connections: 50 }),
  scenario('connections-200', '200 connections', { connections: 200 }),
  scenario('connections-200-grpc', '200 connections, gRPC', { connections: 200, protocol: 'grpc' }),
  scenario('telemetrygen', 'telemetrygen, gRPC', { protocol: 'grpc', generator: 'telemetrygen' }),
];

/** The scenarios whose names are asked for: whole names, or a prefix with a star. Throws where one fits none. */
export function chosenScenarios(patterns: readonly string[]): readonly Scenario[] {
  if (patterns.length === 0) return SCENARIOS;
  const chosen = patterns.map((pattern) => {
    const fits = ({ name }: Scenario) =>
      pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
    const found = SCENARIOS.filter(fits);
    if (found.length === 0) {
      throw new Error(`no scenario is called "${pattern}"; there are ${SCENARIOS.map(({ name }) => name).join(', ')}`);
    }
    return found;
  });
  return [...new Set(chosen.flat())];
}
