import { describe, expect, it } from 'vitest';
import { judge, subjectsOf } from './check-conformance.ts';
import type { ConformanceOptions } from './options.ts';
import { describeVerdict } from './rule.ts';
import { RULES } from './rules.ts';

/** A net below what hangs: several rules play whole collectors, which takes seconds on a busy computer. */
const RULE_MS_MAX = 120_000;

/** A test for each promise that the components of a module make. The first line of every plugin's own tests. */
export function describeConformance(module: URL, options: ConformanceOptions = {}): void {
  describe('conformance', async () => {
    for (const subject of await subjectsOf(module, options)) {
      describe(`the ${subject.name}`, () => {
        for (const rule of RULES.filter((each) => each.appliesTo(subject))) {
          it(`${rule.id}: ${rule.says}`, { timeout: RULE_MS_MAX }, async () => {
            const verdict = await judge(subject, rule);
            expect(verdict.violations, describeVerdict(verdict)).toEqual([]);
          });
        }
      });
    }
  });
}
