import type { ConfigFault } from '@millrace/api';
import { routeFaults } from './compile-route.ts';
import { CONTEXTS_OF, type RouteSettings, type RoutingSettings, signalOf } from './routing-settings.ts';
import { parseSenderCondition } from './sender-condition.ts';

type Path = ConfigFault['path'];

/** The Collector's rules for the routing connector, and what is not supported. */
export function checkRouting(settings: RoutingSettings): ConfigFault[] {
  const routes = settings.table.flatMap((route, index) => {
    const faults = formFaults(route, ['table', index]);
    return faults.length > 0 ? faults : conditionFaults(route, ['table', index]);
  });
  return [...idFaults(settings), ...routes];
}

function conditionFaults(route: RouteSettings, path: Path): ConfigFault[] {
  const { context, pipelines } = route;
  if (context === 'request') return [];
  const signals = new Set(pipelines.map(signalOf).filter((signal) => signal !== undefined));
  for (const signal of signals) {
    const possible: readonly string[] = CONTEXTS_OF[signal];
    if (context !== undefined && !possible.includes(context)) {
      const message = `there is no context ${context} in pipelines of ${signal}`;
      return [{ path: [...path, 'context'], message, remedy: `use one of ${possible.join(', ')}` }];
    }
    const faults = routeFaults(route, signal, path);
    if (faults.length > 0) return faults;
  }
  return [];
}

function idFaults({ table, default_pipelines }: RoutingSettings): ConfigFault[] {
  const named = [
    ...table.flatMap(({ pipelines }, i) => pipelines.map((id, j) => ({ id, path: ['table', i, 'pipelines', j] }))),
    ...default_pipelines.map((id, i) => ({ id, path: ['default_pipelines', i] })),
  ];
  const remedy = 'write logs, traces or metrics, with /name where the pipeline has one';
  return named
    .filter(({ id }) => signalOf(id) === undefined)
    .map(({ id, path }) => ({ path, message: `"${id}" is not the id of a pipeline that can be routed to`, remedy }));
}

function formFaults({ context, condition, statement }: RouteSettings, path: Path): ConfigFault[] {
  if (context === 'request') {
    if (condition === undefined) {
      return [{ path, message: 'the context request needs a condition', remedy: SENDER_FORM }];
    }
    if (parseSenderCondition(condition) !== undefined) return [];
    const message = `${JSON.stringify(condition)} is no condition on a request`;
    return [{ path: [...path, 'condition'], message, remedy: SENDER_FORM }];
  }
  if (condition === undefined && statement === undefined) {
    return [{ path, message: 'a route needs a condition or a statement', remedy: 'add condition: ...' }];
  }
  if (condition !== undefined && statement !== undefined) {
    return [{ path: [...path, 'statement'], message: 'there is a condition as well', remedy: 'remove one of the two' }];
  }
  return [];
}

const SENDER_FORM = 'write condition: request["name"] == "value", or != instead of ==';
