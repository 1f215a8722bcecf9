import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPluginModule } from '@millrace/workers';
import type { ConformanceOptions } from './options.ts';
import { RULES } from './rules.ts';
import type { Rule, Verdict } from './rule.ts';
import { StrayRejections } from './stray-rejections.ts';
import { Subject } from './subject.ts';

/** Every component that a module exports, loaded as the collector loads plugins. */
export async function subjectsOf(module: URL, options: ConformanceOptions = {}): Promise<readonly Subject[]> {
  const { url, definitions } = await loadPluginModule(module.href, dirname(fileURLToPath(module)));
  return definitions.map((definition) => new Subject(url, definition, options));
}

/** Applies one rule. What a check throws speaks against the component: it was given what the interface promises. */
export async function judge(subject: Subject, rule: Rule): Promise<Verdict> {
  const component = subject.name;
  try {
    return { rule, component, violations: await rule.check(subject) };
  } catch (error) {
    const seen = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { rule, component, violations: [{ seen, remedy: 'find out why the check could not be carried out' }] };
  }
}

/**
 * Applies all rules that concern a module's components, without a test runner. A promise that is left rejected meanwhile
 * speaks against the rule that was applied, whoever left it: check one module at a time.
 */
export async function checkConformance(module: URL, options: ConformanceOptions = {}): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  using strays = new StrayRejections();
  for (const subject of await subjectsOf(module, options)) {
    for (const rule of RULES.filter((each) => each.appliesTo(subject))) {
      const verdict = await judge(subject, rule);
      verdicts.push({ ...verdict, violations: [...verdict.violations, ...(await strays.take())] });
    }
  }
  return verdicts;
}
