import type { Pattern } from '../pattern.ts';

/** Patterns by V8, for tests whose expressions mean the same there as in RE2. */
export function testPattern(source: string): Pattern {
  const names = [...source.matchAll(/\((?!\?)|\(\?P?<(\w+)>/g)].map((match) => match[1] ?? '');
  const expression = new RegExp(
    source.replaceAll('(?P<', '(?<').replace(/^\(\?i\)/, ''),
    source.startsWith('(?i)') ? 'giu' : 'gu',
  );
  return {
    source,
    groupNames: names,
    test: (text) => {
      expression.lastIndex = 0;
      return expression.test(text);
    },
    exec: (text, from = 0) => {
      expression.lastIndex = from;
      const match = expression.exec(text);
      return match === null ? null : { start: match.index, end: match.index + match[0].length, groups: match.slice(1) };
    },
  };
}
