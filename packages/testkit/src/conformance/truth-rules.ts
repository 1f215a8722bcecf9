import { type ExporterDefinition, messageOf, type Signal, type Sink } from '@millrace/api';
import { FakeExporterHost } from '../fake-exporter-host.ts';
import { FakeStatefulHost } from '../fake-stateful-host.ts';
import { FakeStepTools } from '../fake-step-tools.ts';
import { samplesOf } from '../samples.ts';
import { drive } from './drive.ts';
import { openBatch } from './child/rigs.ts';
import { grindAll, planOf } from './mill-bench.ts';
import type { Rule, Violation } from './rule.ts';
import type { Entry, Subject } from './subject.ts';

/** What a definition claims is so. */
export const TRUTH_RULES: readonly Rule[] = [
  {
    id: 'truth/signals',
    says: 'the component works on every signal that it claims',
    appliesTo: ({ definition }) => definition.kind !== 'extension' && definition.kind !== 'receiver',
    check: signals,
  },
  {
    id: 'truth/uses-context',
    says: 'a processor that looks at the sender says so with usesContext',
    appliesTo: ({ definition }) => definition.kind === 'processor' && definition.gate === undefined,
    check: usesContext,
  },
  {
    id: 'truth/guarantee',
    says: "a sink's guarantee is memory or safe",
    appliesTo: ({ definition }) => definition.kind === 'exporter',
    check: guarantee,
  },
];

async function signals(subject: Subject): Promise<readonly Violation[]> {
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    if (entry.signals.length === 0) {
      violations.push({ seen: `${entry.label} works on no signal`, remedy: 'give it a method for a signal' });
    }
    for (const signal of entry.signals) {
      const plan = planOf(subject, entry, signal);
      if (plan === undefined) continue;
      const samples = samplesOf(signal);
      const [ground] = await grindAll([{ plan, inputs: samples }], 0);
      samples.forEach(({ name }, index) => {
        const error = ground[index]?.error;
        if (error === undefined) return;
        const seen = `${entry.label} failed on the ${name} sample of ${signal}: ${error}`;
        violations.push({ seen, remedy: 'cope with every valid batch of the signal, or do not claim it' });
      });
    }
  }
  return violations;
}

async function usesContext(subject: Subject): Promise<readonly Violation[]> {
  const { definition } = subject;
  if (definition.kind !== 'processor') return [];
  const violations: Violation[] = [];
  for (const entry of await subject.entries()) {
    if (definition.usesContext?.(entry.config) === true) continue;
    for (const signal of entry.signals) {
      const reads = await contextReads(subject, entry, signal);
      if (reads === 0) continue;
      const seen = `${entry.label} asked ${reads} times who sent ${signal}, but usesContext does not say so`;
      violations.push({ seen, remedy: 'declare usesContext: else batches of several senders are merged' });
    }
  }
  return violations;
}

async function contextReads({ definition }: Subject, { config }: Entry, signal: Signal): Promise<number> {
  if (definition.kind !== 'processor') return 0;
  if (definition.stateful !== undefined) {
    const host = new FakeStatefulHost({ signal, guarantee: 'safe' });
    const processor = definition.stateful.create(config, host);
    await processor.start?.();
    const taken = processor.consume(host.batch([1, 2]));
    await drive(host.manualClock, Promise.all([processor.shutdown(), taken]), 'a sender was never answered');
    return host.contextReads;
  }
  const tools = new FakeStepTools();
  const made = definition.create?.(config, tools);
  for (const { bytes } of samplesOf(signal)) made?.[signal]?.(openBatch(signal, bytes) as never);
  return tools.contextReads;
}

async function guarantee(subject: Subject): Promise<readonly Violation[]> {
  const definition = subject.definition as ExporterDefinition;
  const violations: Violation[] = [];
  for (const { label, config } of await subject.entries()) {
    let sink: Sink;
    try {
      sink = definition.create(config, new FakeExporterHost(definition.jobs));
    } catch (error) {
      violations.push({ seen: `${label}: ${messageOf(error)}`, remedy: 'create() must not fail with a valid config' });
      continue;
    }
    if (sink.guarantee === undefined || sink.guarantee === 'memory' || sink.guarantee === 'safe') continue;
    const seen = `${label}: the guarantee ${JSON.stringify(sink.guarantee)}`;
    violations.push({ seen, remedy: 'say "safe", or "memory" where a crash may still lose what send() took' });
  }
  return violations;
}
