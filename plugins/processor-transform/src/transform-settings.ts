import { type Static, Type } from '@millrace/api';

const ERROR_MODES = ['ignore', 'silent', 'propagate'] as const;

/** The contexts of each signal, by the key of its statements. */
export const CONTEXTS_OF = {
  trace_statements: ['resource', 'scope', 'span', 'spanevent'],
  metric_statements: ['resource', 'scope', 'metric', 'datapoint', 'exemplar'],
  log_statements: ['resource', 'scope', 'log'],
  profile_statements: ['resource', 'scope', 'profile', 'profilesample'],
} as const;

export type StatementsKey = keyof typeof CONTEXTS_OF;

const texts = (description: string) => Type.Array(Type.String(), { default: [], description });

function statements(key: StatementsKey, what: string) {
  const group = Type.Object({
    context: Type.Optional(
      Type.Enum(CONTEXTS_OF[key], {
        description: 'What the statements are about; default: what their paths begin with.',
      }),
    ),
    conditions: texts('The statements run where one of these OTTL conditions holds; default: everywhere.'),
    error_mode: Type.Optional(
      Type.Enum(ERROR_MODES, { description: 'In place of the error_mode of the processor, for this group.' }),
    ),
    shared_cache: Type.Optional(
      Type.Boolean({
        description:
          'Whether the cache stays from item to item of a batch, and is shared by the groups of the same context that say so.',
      }),
    ),
    statements: texts('OTTL statements, in order.'),
  });
  return Type.Array(Type.Union([Type.String(), group]), {
    default: [],
    description: `OTTL statements that change ${what}, or groups of them, in order. Statements without a group come last and share one context.`,
  });
}

export const transformSettings = Type.Object({
  error_mode: Type.Enum(ERROR_MODES, {
    default: 'ignore',
    description:
      'What an error of a statement leads to: ignore logs it and goes on with the next statement, silent only goes on, propagate refuses the payload.',
  }),
  flatten_data: Type.Optional(
    Type.Boolean({
      description:
        'Whether each log record has a resource of its own; only false, as in the Collector without a feature gate.',
    }),
  ),
  flatten: Type.Unsupported('A resource for each log record', 'move what differs to the resource with groupbyattrs'),
  trace_statements: statements('trace_statements', 'resources, scopes, spans and span events of traces'),
  metric_statements: statements('metric_statements', 'resources, scopes, metrics, data points and exemplars'),
  log_statements: statements('log_statements', 'resources, scopes and log records'),
  profile_statements: statements('profile_statements', 'resources, scopes, profiles and their samples'),
});

export type TransformSettings = Static<typeof transformSettings>;
type Item = TransformSettings[StatementsKey][number];
export type Group = Exclude<Item, string>;

export type Path = readonly (string | number)[];

/** A group of statements, and where the configuration has it. */
export interface PlacedGroup {
  readonly group: Group;
  readonly path: Path;
  readonly statementPath: (index: number) => Path;
}

/** The groups of a list, in order. Statements without a group are one, the last. */
export function groupsOf(settings: TransformSettings, key: StatementsKey): PlacedGroup[] {
  const items: readonly Item[] = settings[key];
  const groups = items.flatMap((group, i) =>
    typeof group === 'string'
      ? []
      : [{ group, path: [key, i], statementPath: (index: number): Path => [key, i, 'statements', index] }],
  );
  const bare = items.flatMap((item, i) => (typeof item === 'string' ? [{ item, i }] : []));
  if (bare.length === 0) return groups;
  const group: Group = { statements: bare.map(({ item }) => item), conditions: [] };
  return [...groups, { group, path: [key], statementPath: (index: number): Path => [key, bare[index].i] }];
}

/** Whether a group comes behind statements without one, which the Collector refuses; the other way round it does not. */
export function hasGroupBehindStatement(settings: TransformSettings, key: StatementsKey): boolean {
  const items: readonly Item[] = settings[key];
  const first = items.findIndex((item) => typeof item === 'string');
  return first >= 0 && items.slice(first).some((item) => typeof item !== 'string');
}

/** Whether something is kept from item to item, which other senders should not see. */
export function sharesCache(settings: TransformSettings): boolean {
  return (Object.keys(CONTEXTS_OF) as StatementsKey[]).some((key) =>
    groupsOf(settings, key).some(({ group }) => group.shared_cache === true),
  );
}

/** Whether statements ask who sent the telemetry: paths that begin with `otelcol`. */
export function asksForSender(settings: TransformSettings): boolean {
  return (Object.keys(CONTEXTS_OF) as StatementsKey[])
    .flatMap((key) => groupsOf(settings, key))
    .some(({ group }) => [...group.statements, ...group.conditions].some((text) => /\botelcol\./.test(text)));
}
