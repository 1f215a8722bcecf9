/**
 * What the processors of the scenarios beside the Go Collector (benchmarks/peers/scenarios) cost by themselves, over their very records:
 * 1,000 log records of about 300 bytes a request.
 *
 *     node benchmarks/micro/edit-scenarios.ts [file of scenarios to run, default all] [rounds of a profile]
 *
 * With a number of rounds it only runs, for `node --cpu-prof`. Ratios count, not absolutes.
 */
import { readFileSync } from 'node:fs';
import type { Transform } from '@millrace/api';
import { type Allocate, LogsBatch } from '@millrace/otlp';
import { parse } from 'yaml';
import attributes from '../../plugins/processor-attributes/src/index.ts';
import redaction from '../../plugins/processor-redaction/src/index.ts';
import transform from '../../plugins/processor-transform/src/index.ts';
import { corpus } from '../corpus/requests.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const requests = corpus({ requests: 16, items: RECORDS });

interface Scenario {
  readonly processors: Readonly<Record<string, Record<string, never>>>;
}

function settingsOf(file: string, processor: string): Record<string, never> {
  const text = readFileSync(new URL(`../peers/scenarios/${file}.yaml`, import.meta.url), 'utf8');
  return (parse(text) as Scenario).processors[processor];
}

const silent = () => undefined;
const tools = {
  id: 'benchmark',
  count: silent,
  nowUnixNano: () => 0n,
  logger: { debug: silent, info: silent, warn: silent, error: silent },
  context: undefined,
};

/** The defaults that the schemas would fill in. */
const CASES: Readonly<Record<string, () => Transform>> = {
  rename: () => {
    const { actions } = settingsOf('rename', 'attributes') as unknown as { readonly actions: object[] };
    const defaults = { key: '', from_attribute: '', from_context: '', pattern: '', converted_type: '' };
    return attributes.create!({ actions: actions.map((each) => ({ ...defaults, ...each })) } as never, tools);
  },
  transform10: () => {
    const settings = settingsOf('transform10', 'transform');
    const groups = (settings.log_statements as { readonly statements: string[] }[]).map((each) => ({
      conditions: [],
      ...each,
    }));
    const none = { trace_statements: [], metric_statements: [] };
    return transform.create!({ ...none, ...settings, log_statements: groups } as never, tools);
  },
  redaction: () => {
    const lists = ['allowed_keys', 'ignored_keys', 'ignored_key_patterns', 'allowed_values'];
    const defaults = Object.fromEntries(lists.map((name) => [name, []]));
    const rest = { redact_all_types: false, hash_function: '', hmac_key: '' };
    return redaction.create!({ ...defaults, ...rest, ...settingsOf('redaction', 'redaction') } as never, tools);
  },
};

/** One memory for all output, as the engine gives; nothing that is written is kept here. */
let memory = new Uint8Array(1 << 20);
const allocate: Allocate = (byteLength) => {
  if (memory.length < byteLength) memory = new Uint8Array(byteLength * 2);
  return memory;
};

/** Consumed, so that nothing is optimized away. */
let sink = 0;
let turn = 0;

function run(transform: Transform): () => void {
  return () => {
    const batch = LogsBatch.of([requests[turn++ % requests.length]], { allocate });
    transform.logs?.(batch);
    sink += batch.byteLength;
  };
}

const [only, rounds] = process.argv.slice(2);
const bytes = Math.round(requests[0].length / RECORDS);
console.log(`node ${process.version}; ${bytes} bytes a record`);
for (const [name, make] of Object.entries(CASES)) {
  if (only !== undefined && only !== 'all' && only !== name) continue;
  const each = run(make());
  if (rounds === undefined) measure(name, RECORDS, each);
  else for (let i = 0; i < Number(rounds); i++) each();
}
if (sink === 0) console.log('nothing was read');
