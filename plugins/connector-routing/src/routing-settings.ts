import { type Signal, type Static, Type } from '@millrace/api';

/** What a route may be about. `request` and `otelcol`: who sent the data. */
export const CONTEXTS = ['request', 'otelcol', 'resource', 'log', 'span', 'metric', 'datapoint'] as const;

const pipelines = (description: string, minItems: number) =>
  Type.Array(Type.String(), { description, minItems, ...(minItems === 0 ? { default: [] } : {}) });

export const routingSettings = Type.Object({
  default_pipelines: pipelines('Pipelines that get what no route moved away. Without any, that is dropped.', 0),
  error_mode: Type.Enum(['ignore', 'silent', 'propagate'], {
    default: 'ignore',
    description:
      'What an error of a condition leads to: ignore logs it and takes it for no match, silent only takes it for no match, propagate refuses the payload.',
  }),
  table: Type.Array(
    Type.Object({
      context: Type.Optional(
        Type.Enum(CONTEXTS, {
          description: 'What the condition is about; default: what its paths begin with, or else the resource.',
        }),
      ),
      condition: Type.Optional(
        Type.String({ minLength: 1, description: 'OTTL condition; instead of it there may be a statement.' }),
      ),
      statement: Type.Optional(
        Type.String({
          minLength: 1,
          description:
            'OTTL statement: route() where ..., or with delete_key or delete_matching_keys in place of route, which then change what goes this way.',
        }),
      ),
      action: Type.Enum(['move', 'copy'], {
        default: 'move',
        description: 'What becomes of data that matches: later routes and the default do not get it, or do as well.',
      }),
      pipelines: pipelines('Pipelines that get what matches.', 1),
    }),
    { minItems: 1, description: 'The routes, tried in this order.' },
  ),
});

export type RoutingSettings = Static<typeof routingSettings>;
export type RouteSettings = RoutingSettings['table'][number];
export type RoutedSignal = Exclude<Signal, 'profiles'>;

/** The contexts in which data of a signal can be looked at, outermost first. */
export const CONTEXTS_OF = {
  logs: ['resource', 'log'],
  traces: ['resource', 'span'],
  metrics: ['resource', 'metric', 'datapoint'],
} as const satisfies Readonly<Record<RoutedSignal, readonly (typeof CONTEXTS)[number][]>>;

/** The signal of a pipeline's id; undefined for what is no id of a pipeline that can be routed to. */
export function signalOf(pipeline: string): RoutedSignal | undefined {
  const [, signal] = /^(logs|traces|metrics)(?:\/.+)?$/.exec(pipeline) ?? [];
  return signal as RoutedSignal | undefined;
}

/**
 * The part of the settings that is about one signal: the routes to its pipelines. Unlike in the Collector, one connector may
 * route several signals.
 */
export function settingsFor(settings: RoutingSettings, signal: RoutedSignal): RoutingSettings {
  const own = (pipelines: readonly string[]) => pipelines.filter((pipeline) => signalOf(pipeline) === signal);
  return {
    ...settings,
    default_pipelines: own(settings.default_pipelines),
    table: settings.table
      .map((route) => ({ ...route, pipelines: own(route.pipelines) }))
      .filter(({ pipelines }) => pipelines.length > 0),
  };
}

/** The signals that there are pipelines for. */
export function routedSignals({ table, default_pipelines }: RoutingSettings): RoutedSignal[] {
  const named = new Set([...table.flatMap(({ pipelines }) => pipelines), ...default_pipelines].map(signalOf));
  return (Object.keys(CONTEXTS_OF) as RoutedSignal[]).filter((signal) => named.has(signal));
}
