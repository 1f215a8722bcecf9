import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { exhaustiveSteps } from './testing/backtracker.ts';
import { pattern, period } from './testing/pattern-arbitraries.ts';
import { automatonOf } from './automaton.ts';
import { backtrackingGrowth, type Growth } from './backtracking.ts';
import { parseRe2 } from './re2-parser.ts';
import type { PatternNode } from './syntax-tree.ts';
import { trimEdges } from './trim-edges.ts';

function growthOf(node: PatternNode): Growth {
  const automaton = automatonOf(node);
  return automaton === undefined ? 'unbounded' : backtrackingGrowth(automaton);
}

test.each<[source: string, search: Growth, capture: Growth]>([
  ['error', 'linear', 'linear'],
  ['.*error.*', 'linear', 'unbounded'],
  ['(?i)error|timeout|refused', 'linear', 'linear'],
  ['^auth.*', 'linear', 'linear'],
  ['^/api/(v1|v2)/users/[0-9]+$', 'linear', 'linear'],
  ['^([a-z]+\\.)+com$', 'linear', 'linear'],
  ['^(?P<scheme>[a-z]+)://(?P<host>[^/]+)/(?P<path>.*)$', 'linear', 'linear'],
  ['[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', 'linear', 'linear'],
  ['^[0-9]{1,3}(\\.[0-9]{1,3}){3}$', 'linear', 'linear'],
  ['\\s+$', 'linear', 'quadratic'],
  ['/[a-z]+$', 'linear', 'linear'],
  ['a.*b', 'quadratic', 'quadratic'],
  ['^.*a.*b', 'quadratic', 'quadratic'],
  ['^.*a.*b.*c', 'unbounded', 'unbounded'],
  ['^(a+)+$', 'unbounded', 'unbounded'],
  ['^(a|aa)+$', 'unbounded', 'unbounded'],
  ['^(?:a|b|ab)*$', 'unbounded', 'unbounded'],
  ['^(a|a)*$', 'unbounded', 'unbounded'],
  ['(x+x+)+y', 'quadratic', 'unbounded'],
  ['^(a*)*$', 'unbounded', 'unbounded'],
  ['^(?i)(k|\\x{212A})*$', 'unbounded', 'unbounded'],
  ['(a|a)'.repeat(20), 'unbounded', 'unbounded'],
  [`${'a?'.repeat(30)}b`, 'linear', 'unbounded'],
  ['[a-z]{300}', 'unbounded', 'unbounded'],
])('%s is %s to search for and %s to capture', (source, search, capture) => {
  const node = parseRe2(source)!;
  expect(growthOf(trimEdges(node))).toBe(search);
  expect(growthOf(node)).toBe(capture);
});

const STEPS_MAX = 5_000_000;
/** What a text that is too short to show the growth may cost. */
const SLACK = 2000;

test('a backtracking search takes no more steps than was said', () => {
  const seen = { linear: 0, quadratic: 0, unbounded: 0 };
  fc.assert(
    fc.property(pattern, period, fc.boolean(), (source, word, trimmed) => {
      const parsed = parseRe2(source);
      fc.pre(parsed !== undefined);
      const node = trimmed ? trimEdges(parsed) : parsed;
      const growth = growthOf(node);
      seen[growth]++;
      if (growth === 'unbounded') return;
      const times = Math.ceil(50 / word.length);
      const [once, twice] = [times, times * 2].map((n) => exhaustiveSteps(node, word.repeat(n), STEPS_MAX));
      expect(twice).toBeLessThan(growth === 'linear' ? 2.3 * once + SLACK : 4.6 * once + SLACK);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(seen.linear, seen.quadratic, seen.unbounded)).toBeGreaterThan(20);
});
