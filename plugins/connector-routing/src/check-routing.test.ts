import { expect, test } from 'vitest';
import { checkRouting } from './check-routing.ts';
import type { RouteSettings } from './routing-settings.ts';

const faults = (route: Partial<RouteSettings>, defaults: string[] = []) =>
  checkRouting({
    default_pipelines: defaults,
    error_mode: 'ignore',
    table: [{ action: 'move', pipelines: ['logs/x'], ...route }],
  }).map(({ path, message, remedy }) => `${path.join('.')}: ${message}${remedy === undefined ? '' : `; ${remedy}`}`);

test.each<readonly [Partial<RouteSettings>, string]>([
  [{}, 'table.0: a route needs a condition or a statement; add condition: ...'],
  [
    { condition: 'true', statement: 'route()' },
    'table.0.statement: there is a condition as well; remove one of the two',
  ],
  [
    { condition: 'true', pipelines: ['log/x'] },
    'table.0.pipelines.0: "log/x" is not the id of a pipeline that can be routed to; write logs, traces or metrics, with /name where the pipeline has one',
  ],
  [
    { context: 'span', condition: 'true' },
    'table.0.context: there is no context span in pipelines of logs; use one of resource, log',
  ],
  [{ context: 'log', condition: 'severity_numbr == 1' }, 'table.0.condition: at column 1: '],
  [{ condition: 'log.severity_numbr == 1' }, 'table.0.condition: at column 1: '],
  [{ statement: 'set(attributes["a"], 1)' }, 'table.0.statement: at column 1: '],
  [{ context: 'request', statement: 'route()' }, 'table.0: the context request needs a condition; '],
  [
    { context: 'request', condition: 'request["a"] < "b"' },
    'table.0.condition: "request[\\"a\\"] < \\"b\\"" is no condition',
  ],
])('%o is refused: %s', (route, expected) => {
  const [first] = faults(route);
  expect(first?.startsWith(expected), first).toBe(true);
});

test('what is right is right', () => {
  expect(faults({ condition: 'attributes["a"] == 1' }, ['logs', 'logs/y', 'traces'])).toEqual([]);
  expect(faults({ context: 'request', condition: 'request["a"] == "b"' })).toEqual([]);
  expect(faults({ condition: 'otelcol.client.addr == "1"' })).toEqual([]);
});

test('a wrong default pipeline is refused', () => {
  expect(faults({ condition: 'true' }, ['logs', 'profiles'])).toHaveLength(1);
});
