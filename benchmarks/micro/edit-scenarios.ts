/**
 * What the processors of the scenarios beside the Go Collector (benchmarks/peers/scenarios) cost by themselves, over their very records:
 * 1,000 log records of about 300 bytes a request.
 *
 *     node benchmarks/micro/edit-scenarios.ts [file of scenarios to run, default all] [rounds of a profile]
 *
 * With a number of rounds it only runs, for `node --cpu-prof`. Ratios count, not absolutes.
 */
import { readFileSync } from 'node:fs';
import { parse, stringify } from 'yaml';
import { corpus } from '../corpus/requests.ts';
import { componentRuns } from './component-runs.ts';
import { measure } from './measure.ts';

const RECORDS = 1000;
const requests = corpus({ requests: 16, items: RECORDS });

const CASES = [
  { file: 'rename', processor: 'attributes' },
  { file: 'transform10', processor: 'transform' },
  { file: 'redaction', processor: 'redaction' },
];

/** The entry of a processor in a scenario's configuration. */
function entryOf({ file, processor }: (typeof CASES)[number]): string {
  const text = readFileSync(new URL(`../peers/scenarios/${file}.yaml`, import.meta.url), 'utf8');
  const { processors } = parse(text) as { readonly processors: Readonly<Record<string, object>> };
  return stringify({ [processor]: processors[processor] });
}

/** Consumed, so that nothing is optimized away. */
let sink = 0;
let turn = 0;

const [only = 'all', rounds] = process.argv.slice(2);
const chosen = CASES.filter(({ file }) => only === 'all' || only === file);
const runs = await componentRuns(
  'processor',
  chosen.map((each) => ({ yaml: entryOf(each), signal: 'logs' })),
);
console.log(`node ${process.version}; ${Math.round(requests[0].length / RECORDS)} bytes a record`);
for (const [index, { file }] of chosen.entries()) {
  const once = (): void => void (sink += (runs[index](requests[turn++ % requests.length]) as Uint8Array).length);
  if (rounds === undefined) measure(file, RECORDS, once);
  else for (let i = 0; i < Number(rounds); i++) once();
}
if (sink === 0) console.log('nothing was read');
