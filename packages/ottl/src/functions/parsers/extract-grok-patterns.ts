import { defineFunction } from '../../function/define-function.ts';
import { derived } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { DEFAULT_PATTERNS } from './grok/default-patterns.ts';
import { GrokPattern } from './grok/compile-grok.ts';
import { PRODUCT_PATTERNS } from './grok/product-patterns.ts';

const PATTERNS: ReadonlyMap<string, string> = new Map([...DEFAULT_PATTERNS, ...PRODUCT_PATTERNS]);

export const extractGrokPatterns = defineFunction({
  name: 'ExtractGrokPatterns',
  kind: 'converter',
  summary: 'A map of what the fields of a Grok pattern captured; empty without a match.',
  details:
    'References: `%{NAME}`, `%{NAME:field}`, `%{NAME:field:type}` with the types int, long, double, float, bool and boolean. ' +
    'Unless `namedCapturesOnly` is true, references without a field give one of their own name. `patternDefinitions` adds ' +
    'patterns, written as `NAME=pattern`. Empty captures are left out.',
  deviation:
    'Nagios has its patterns, too, and CISCOFW733100 and the users in CISCOFW302013_302014_302015_302016 match. ' +
    'A pattern may become 100,000 characters long at most.',
  params: {
    target: p.string,
    pattern: p.string,
    namedCapturesOnly: p.optional(p.literalBool),
    patternDefinitions: p.optional(p.list(p.literalString)),
  },
  returns: 'map',
  examples: [
    {
      code: 'ExtractGrokPatterns(body, "%{WORD:method} %{NOTSPACE:path} %{INT:status:int}", true)',
      given: { body: 'GET /a?b=1 404' },
      result: new Map<string, string | bigint>([
        ['method', 'GET'],
        ['path', '/a?b=1'],
        ['status', 404n],
      ]),
    },
    {
      code: 'ExtractGrokPatterns(body, "%{USERNAME:user.name}:%{PASSWORD:user.password}:%{REST}", true, ["PASSWORD=%{WORD}", "REST=%{GREEDYDATA}"])',
      given: { body: 'smith:pass123:1001:1000:J Smith' },
      result: new Map([
        ['user.name', 'smith'],
        ['user.password', 'pass123'],
      ]),
    },
    { code: 'ExtractGrokPatterns("a 7", "%{INT}")', result: new Map([['INT', '7']]) },
    { code: 'ExtractGrokPatterns("none", "%{INT:n}", true)', result: new Map() },
    { code: 'ExtractGrokPatterns(attributes["missing"], "%{INT}")', fails: 'expected string but got nil' },
    { code: 'ExtractGrokPatterns("a", "%{NOPE}")', invalid: 'there is no pattern NOPE' },
    { code: 'ExtractGrokPatterns("a", "%{INT}", true)', invalid: 'at least 1 named capture group' },
  ],
  make: ({ target, pattern, namedCapturesOnly = false, patternDefinitions = [] }) => {
    const patterns = withDefinitions(patternDefinitions);
    const compiledOf = derived(pattern, (source) => {
      const compiled = new GrokPattern(source, { patterns, namedOnly: namedCapturesOnly });
      if (namedCapturesOnly && !compiled.hasFields)
        throw new Error('the pattern must have at least 1 named capture group');
      return compiled;
    });
    return (frame) => compiledOf(frame).extract(target(frame));
  },
});

function withDefinitions(definitions: readonly string[]): ReadonlyMap<string, string> {
  if (definitions.length === 0) return PATTERNS;
  const patterns = new Map(PATTERNS);
  for (const [i, definition] of definitions.entries()) {
    const at = definition.indexOf('=');
    if (at < 0)
      throw new Error(`the pattern "${definition.slice(0, 20)}" at index ${i} is not of the form NAME=pattern`);
    const name = definition.slice(0, at);
    if (name.includes(':')) throw new Error(`the name of the pattern "${name}" must not have a colon`);
    patterns.set(name, definition.slice(at + 1));
  }
  return patterns;
}
