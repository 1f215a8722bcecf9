/**
 * Millrace beside the Go Collector: the same configuration, the same load, in turn. CPU seconds of the operating
 * system's account, so that ratios say what an item costs whoever else uses the machine. See README.md.
 */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { Checkout } from '../checkout.ts';
import { reasonIn } from '../pipeline/measured-process.ts';
import { install, missing, TELEMETRYGEN_BINARY } from './install.ts';
import { read, type Amount, type Reading } from './reading.ts';
import { lineOf, save, summarise, type Comparison, type Row } from './report.ts';
import { chosenScenarios, type Scenario } from './scenarios.ts';
import { collector, millrace, otherPeers, type Subject } from './subjects.ts';

/** Small requests cost so much more that fewer records do; but so many that a run is not its first second, when V8 compiles what is hot. */
const REQUESTS_MAX = 100_000;
const REQUESTS_MIN = 50;
const WARM_UP_SHARE = 0.3;

const { values } = parseArgs({
  options: {
    install: { type: 'boolean', default: false },
    scenario: { type: 'string', multiple: true, default: [] },
    quick: { type: 'boolean', default: false },
    records: { type: 'string' },
    rounds: { type: 'string' },
    threads: { type: 'string', multiple: true },
    revision: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});
const records = Number(values.records ?? (values.quick ? 300_000 : 1_000_000));
const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
const scenarios = chosenScenarios(values.scenario);

if (values.install) install();
const lack = missing();
if (lack !== undefined) console.log(`${lack}\n`);

const checkout = values.revision === undefined ? undefined : Checkout.of(values.revision);
try {
  const subjects = (values.threads ?? ['0']).map(Number).flatMap((threads): Subject[] => [
    // The main thread works, too.
    ...(lack === undefined ? [collector(threads + 1)] : []),
    millrace({ threads, ...(checkout === undefined ? {} : { folder: checkout.folder }) }),
  ]);
  await compareAll([...subjects, ...otherPeers()]);
} finally {
  checkout?.remove();
}

async function compareAll(subjects: readonly Subject[]): Promise<void> {
  const versions = Object.fromEntries(subjects.map(({ name, version }) => [name, version]));
  console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${cpus().length} cores; ${records} records, ${rounds} rounds`);
  for (const [name, version] of Object.entries(versions)) console.log(`${name}: ${version}`);
  const comparisons: Comparison[] = [];
  for (const scenario of scenarios) {
    console.log(`\n${scenario.name} (${scenario.title})`);
    const comparison = await compare(scenario, subjects);
    for (const row of comparison.rows) console.log(lineOf(row, comparison.rows[0]));
    comparisons.push(comparison);
  }
  if (values.save) save(comparisons, { records, rounds, versions });
}

async function compare(scenario: Scenario, subjects: readonly Subject[]): Promise<Comparison> {
  const requests = Math.round(Math.min(REQUESTS_MAX, Math.max(REQUESTS_MIN, records / scenario.batch)));
  const amount: Amount = { requests, warmUp: Math.ceil(requests * WARM_UP_SHARE) };
  const readings = new Map<Subject, Reading[]>();
  const reasons = new Map<Subject, string>();
  for (let round = 0; round < rounds; round++) {
    // In turn, so that a machine that slows down slows all of them.
    for (const subject of subjects) {
      if (reasons.has(subject)) continue;
      const reason = lackOf(scenario, subject);
      try {
        if (reason === undefined) push(readings, subject, await read(subject, scenario, amount));
        else reasons.set(subject, reason);
      } catch (error) {
        reasons.set(subject, `failed: ${reasonIn(error)}`);
      }
    }
  }
  const rows = subjects.map((subject): Row => {
    const row = summarise(subject, readings.get(subject) ?? []);
    const skipped = reasons.get(subject);
    return skipped === undefined ? row : { ...row, skipped };
  });
  return { scenario, rows };
}

function lackOf(scenario: Scenario, subject: Subject): string | undefined {
  if (scenario.generator === 'telemetrygen' && !existsSync(TELEMETRYGEN_BINARY)) return 'telemetrygen is not installed';
  return subject.lacks(scenario);
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
