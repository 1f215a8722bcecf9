import * as fc from 'fast-check';

const unit = fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '[a-c]', '\\w', 'ab', 'x');
const quantifier = fc.constantFrom('*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '+?', '??');

const patterns = fc.letrec<{ pattern: string; sequence: string; repeated: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: unit },
    tie('pattern').map((inner) => `(${inner})`),
    tie('pattern').map((inner) => `(?:${inner})`),
  ),
  repeated: fc.oneof(
    { weight: 2, arbitrary: tie('atom') },
    { weight: 2, arbitrary: fc.tuple(tie('atom'), quantifier).map(([atom, count]) => repeat(atom, count)) },
  ),
  sequence: fc.array(tie('repeated'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((options) => options.join('|')),
}));

function repeat(atom: string, count: string): string {
  return atom === 'ab' ? `(?:ab)${count}` : `${atom}${count}`;
}

/** Patterns over few letters, many of them ambiguous, some anchored. */
export const pattern: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('', '', '^', '(?i)', '(?s)', '\\b'), patterns.pattern, fc.constantFrom('', '', '$', '\\z'))
  .map(([before, inner, after]) => (inner.includes('|') ? `${before}(?:${inner})${after}` : before + inner + after));

/** Texts that such patterns match in part, and others. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'x', 'A', ' ', '\n', 'é', '😀', '_'), maxLength: 24 }),
  fc.tuple(fc.constantFrom('a', 'ab', 'abc', 'aab'), fc.nat(8)).map(([word, times]) => word.repeat(times)),
);

/** One word many times over: what makes ambiguous patterns slow. */
export const period: fc.Arbitrary<string> = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', 'x'),
  minLength: 1,
  maxLength: 4,
});
