import { type Static, Type } from '@millrace/api';

const body = (parameter: string, signal: string) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      description: `Body of a function that is called with each ${parameter} of ${signal} as "${parameter}"; "return false" drops it.`,
    }),
  );

export const scriptSettings = Type.Object({
  code: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'TypeScript that declares functions: log(record), span(span) or point(point) for items, which drop the item by returning false; or logs(batch), traces(batch) or metrics(batch) for whole batches. Types are erased, so that enums and namespaces cannot be used; imports of values cannot either. In scope are double(), int() and key() of @millrace/otlp, and "tools" with count(name, value), nowUnixNano() and logger. What stands outside of functions runs at the start, and when a configuration is checked. Runs with all rights of the collector: no security boundary, use code that you trust.',
    }),
  ),
  file: Type.Optional(
    Type.String({ minLength: 1, description: 'File with the code, read at the start by each worker.' }),
  ),
  log: body('record', 'logs'),
  span: body('span', 'traces'),
  point: body('point', 'metrics'),
  error_mode: Type.Enum(['ignore', 'silent', 'propagate'], {
    default: 'ignore',
    description:
      'What an error that the script throws leads to: ignore logs it and goes on with the next item, silent only goes on, propagate refuses the item.',
  }),
  deadline: Type.Duration({
    default: '1s',
    minimumMs: 0,
    description:
      'Longest time for one batch. One that takes longer is tried in parts, and only items that take as long by themselves are refused, for good unless the machine was too busy to run them. Needs to be less than service.workers.deadline. 0: only that one counts.',
  }),
});

export type ScriptSettings = Static<typeof scriptSettings>;
