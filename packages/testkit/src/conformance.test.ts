import type { Signal } from '@millrace/api';
import { LogsBatch } from '@millrace/otlp';
import { describe, expect, test } from 'vitest';
import {
  checkConformance,
  type ConformanceOptions,
  describeConformance,
  describeVerdict,
  type Rule,
  type Verdict,
} from './index.ts';
import { judge, subjectsOf } from './conformance/check-conformance.ts';
import { RULES } from './conformance/rules.ts';
import type { Subject } from './conformance/subject.ts';
import { inboxOf, outboxOf } from './testing/edges.ts';
import { LINES } from './testing/plugins/bad-checkpoints.ts';

const plugin = (name: string) => new URL(`./testing/plugins/${name}.ts`, import.meta.url);

/** Ids of the rules that each component of a module breaks. */
async function brokenBy(name: string, options: ConformanceOptions = {}): Promise<Record<string, string[]>> {
  const broken: Record<string, string[]> = {};
  for (const verdict of await checkConformance(plugin(name), options)) {
    const rules = (broken[verdict.component] ??= []);
    if (verdict.violations.length > 0) rules.push(verdict.rule.id);
    for (const { seen, remedy } of verdict.violations) {
      expect(seen).not.toBe('');
      expect(remedy).not.toBe('');
      expect(describeVerdict(verdict)).toContain(seen);
    }
  }
  return broken;
}

describeConformance(plugin('well-behaved'));

describe.concurrent('the suite catches', () => {
  test.each([
    ['loses-an-item', ['accounting/calm', 'accounting/storm', 'accounting/stateful']],
    ['doubles', ['accounting/calm', 'accounting/storm', 'accounting/stateful']],
    ['answers-twice', ['accounting/stateful']],
    ['acknowledges-early', ['accounting/storm', 'accounting/stateful']],
    ['holds-back', ['lifecycle/shutdown-during-work', 'accounting/calm', 'accounting/stateful']],
    ['releases-twice', ['accounting/stateful']],
    ['hides-context', ['truth/uses-context']],
    ['one-at-a-time', ['reload/stateful']],
    ['copies-everything', ['accounting/storm', 'accounting/stateful', 'pressure/stall']],
    ['never-ends', ['lifecycle/shutdown-without-start', 'lifecycle/start-and-shutdown', 'lifecycle/shutdown-twice']],
    ['leaks-a-timer', ['lifecycle/start-and-shutdown']],
    ['leaks-a-server', ['lifecycle/start-and-shutdown']],
    ['ignores-shutdown', ['lifecycle/start-and-shutdown', 'lifecycle/shutdown-during-work']],
    ['side-effect-at-import', ['module/import']],
  ])('a plugin that %s', async (name, rules) => {
    const [broken] = Object.values(await brokenBy(name));
    expect(broken).toEqual(expect.arrayContaining(rules));
  });

  test('a start that fails half-way and leaves its first half running', async () => {
    const failing = ['leaves_half_started: { fail: true }'];
    const [broken] = Object.values(await brokenBy('leaves-half-started', { failing }));
    expect(broken).toEqual(['lifecycle/failing-start']);
  });

  test('careless configs, each by its own rule and by no other', async () => {
    expect(await brokenBy('careless-config')).toEqual({
      'extension "undocumented_key"': ['config/documented'],
      'extension "wrong_example"': ['config/examples'],
      'extension "wrong_default"': ['config/defaults'],
      'extension "unknown_keyword"': ['config/schema'],
      'extension "lets-all_pass"': expect.arrayContaining(['config/identity']) as string[],
      'extension "fails_to_build"': expect.arrayContaining(['config/examples']) as string[],
    });
  });

  test('transforms that are not pure, each by its own rule', async () => {
    const broken = await brokenBy('bad-transforms', { untouched: ['touches_all:'] });
    expect(broken).toMatchObject({
      'processor "invents_items"': ['accounting/calm', 'accounting/storm'],
      'processor "differs_in_the_worker"': ['placement/same-bytes'],
      'processor "remembers"': ['placement/same-bytes'],
      'processor "remembers_in_its_copy"': ['placement/same-bytes'],
      'processor "salts"': ['placement/same-bytes'],
      'processor "touches_all"': ['placement/untouched'],
      'processor "fails_on_the_odd"': expect.arrayContaining(['truth/signals']) as string[],
      'processor "reads_a_file"': ['truth/pure'],
      'processor "leaves_a_timer"': ['truth/pure'],
      'processor "writes_to_its_input"': expect.arrayContaining(['truth/input-untouched']) as string[],
      'processor "hides_its_context"': expect.arrayContaining(['truth/uses-context']) as string[],
    });
  });
});

test('the suite catches stateful connectors, each by what it does', async () => {
  const broken = await brokenBy('bad-connectors');
  expect(broken).toEqual({
    'connector "relays"': [],
    'connector "hides_refusals"': ['accounting/storm', 'accounting/connector'],
    'connector "offers_twice"': expect.arrayContaining(['accounting/calm', 'accounting/connector']) as string[],
    'connector "keeps_its_batches"': expect.arrayContaining(['accounting/calm', 'accounting/connector']) as string[],
    'connector "drops_all"': expect.arrayContaining(['accounting/calm', 'accounting/connector']) as string[],
  });
});

describe('output that is random by design', () => {
  const ofLogs = (edit: (batch: LogsBatch) => void) => (signal: Signal, output: Uint8Array) => {
    if (signal !== 'logs') return output;
    const batch = LogsBatch.of([output]);
    edit(batch);
    return batch.toBytes();
  };
  const comparable = ofLogs((batch) => {
    for (const record of batch.records) record.attributes.delete('salt');
  });

  test.each([
    ['salts', []],
    ['remembers', ['placement/same-bytes']],
    // Not random at all: the option may not be set.
    ['touches_all', ['placement/same-bytes']],
  ])('is compared in the form that is not: %s', async (type, broken) => {
    const subjects = await subjectsOf(plugin('bad-transforms'), { comparable });
    const subject = subjects.find(({ definition }) => definition.type === type) as Subject;
    const verdicts = await Promise.all(
      RULES.filter(({ id }) => id === 'placement/same-bytes').map((rule) => judge(subject, rule)),
    );
    expect(verdicts.filter(({ violations }) => violations.length > 0).map(({ rule }) => rule.id)).toEqual(broken);
    expect(verdicts).toHaveLength(1);
  });
});

describe('at the edges, the suite catches', () => {
  /** Rules about its data that one of several components breaks, in an environment of its own. */
  async function brokenAt(type: string, options: ConformanceOptions): Promise<readonly string[]> {
    const subjects = await subjectsOf(plugin('bad-edges'), options);
    const subject = subjects.find(({ definition }) => definition.type === type) as Subject;
    const rules = RULES.filter((rule) => /^(?:accounting|pressure)\//.test(rule.id) && rule.appliesTo(subject));
    const verdicts: Verdict[] = [];
    for (const rule of rules) verdicts.push(await judge(subject, rule));
    return verdicts.filter(({ violations }) => violations.length > 0).map(({ rule }) => rule.id);
  }

  test.each([
    ['fair_receiver', []],
    ['answers_early', ['accounting/receiver', 'pressure/receiver']],
    ['keeps_bodies', ['accounting/receiver', 'pressure/receiver']],
  ])('a receiver: %s', async (type, rules) => {
    expect(await brokenAt(type, { receiver: inboxOf(type) })).toEqual(rules);
  });

  test.each([
    ['fair_source', []],
    ['gives_up', ['pressure/source']],
    ['forgets_bodies', ['pressure/source']],
  ])('a receiver that makes its data: %s', async (type, rules) => {
    expect(await brokenAt(type, {})).toEqual(rules);
  });

  test.each([
    ['fair_exporter', []],
    ['acknowledges_unsent', ['accounting/exporter', 'accounting/exporter-storm']],
    ['sends_twice', ['accounting/exporter', 'accounting/exporter-storm']],
    ['hides_refusals', ['accounting/exporter-storm']],
    ['throws_anything', ['accounting/exporter-storm']],
  ])('an exporter: %s', async (type, rules) => {
    const open = () => Promise.resolve(outboxOf(type));
    expect(await brokenAt(type, { exporter: { open } })).toEqual(rules);
  });
});

test.each([
  ['reads_on', []],
  ['remembers_early', ['accounting/checkpoint']],
  ['does_not_wait', ['accounting/checkpoint']],
])('the suite catches receivers whose checkpoints are ahead of what was taken: %s', async (type, rules) => {
  const config = `${type}: { storage: test_storage }`;
  const open = () => Promise.resolve({ config, bodies: LINES, close: () => Promise.resolve() });
  const subjects = await subjectsOf(plugin('bad-checkpoints'), { source: { open } });
  const subject = subjects.find(({ definition }) => definition.type === type) as Subject;
  const verdicts: Verdict[] = [];
  for (const rule of RULES.filter(({ id }) => id.startsWith('accounting/'))) {
    if (rule.appliesTo(subject)) verdicts.push(await judge(subject, rule));
  }
  expect(verdicts.filter(({ violations }) => violations.length > 0).map(({ rule }) => rule.id)).toEqual(rules);
});

test.each([
  ['queued_exporter', []],
  ['forgetful_exporter', ['accounting/exporter-crash']],
])('the suite catches exporters that lose in a crash what a storage had: %s', async (type, rules) => {
  const open = () => Promise.resolve(outboxOf(type));
  const subjects = await subjectsOf(plugin('bad-edges'), { exporter: { open } });
  const subject = subjects.find(({ definition }) => definition.type === type) as Subject;
  const rule = RULES.find(({ id }) => id === 'accounting/exporter-crash') as Rule;
  expect(rule.appliesTo(subject)).toBe(true);
  const verdict = await judge(subject, rule);
  expect(verdict.violations.length > 0 ? [verdict.rule.id] : []).toEqual(rules);
});
