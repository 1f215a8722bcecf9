import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { toCamel, toLower, toSnake, toUpper } from './letter-case.ts';

const CASES: ReadonlyMap<string, (text: string) => string> = new Map([
  ['lower', toLower],
  ['upper', toUpper],
  ['snake', toSnake],
  ['camel', toCamel],
]);

export const convertCase = defineFunction({
  name: 'ConvertCase',
  kind: 'converter',
  summary: 'A string in another case: lower, upper, snake (my_metric) or camel (MyMetric).',
  params: { target: p.string, toCase: p.literalString },
  returns: 'string',
  examples: [
    { code: 'ConvertCase("myMetric", "snake")', result: 'my_metric' },
    { code: 'ConvertCase("my_metric", "camel")', result: 'MyMetric' },
    { code: 'ConvertCase("MY_METRIC", "lower")', result: 'my_metric' },
    { code: 'ConvertCase("straße", "upper")', result: 'STRAßE' },
    { code: 'ConvertCase(attributes["missing"], "upper")', fails: 'expected string but got nil' },
    { code: 'ConvertCase("a", "kebab")', invalid: 'lower, upper, snake or camel' },
  ],
  make: ({ target, toCase }) => {
    const convert = CASES.get(toCase);
    if (convert === undefined) throw new Error(`toCase must be lower, upper, snake or camel, not "${toCase}"`);
    return (frame) => convert(target(frame));
  },
});
