import { type Schema, type Static, Type } from '@millrace/api';
import { attributeMatches, matchSettings, regexpCache, texts } from '@millrace/rules';

const matchType = Type.Optional(
  Type.Enum(['strict', 'regexp', 'expr'], {
    description: 'How texts are compared: exactly, or by RE2 expressions. The language expr is not supported.',
  }),
);

const logProperties = Type.Object({
  match_type: matchType,
  resource_attributes: attributeMatches('All of these attributes of the resource are there.'),
  record_attributes: attributeMatches('All of these attributes of the record are there.'),
  severity_texts: texts('The severity text is one of these.'),
  severity_number: Type.Optional(
    Type.Object(
      {
        min: Type.String({ default: '', description: 'The lowest severity: a name (INFO, WARN2) or number.' }),
        match_undefined: Type.Boolean({ default: false, description: 'Whether records without a severity match.' }),
      },
      { description: 'The severity is in this range.' },
    ),
  ),
  bodies: texts('The body is one of these.'),
});

const metricProperties = Type.Object({
  match_type: matchType,
  regexp: regexpCache,
  metric_names: texts('The name is one of these.'),
  expressions: texts('Expressions in the language expr: not supported.'),
  resource_attributes: attributeMatches(
    'All of these attributes of the resource are there; looked at apart from metric_names.',
  ),
});

const pair = <T>(schema: Schema<T>, what: string) => ({
  include: Type.Optional({ ...schema, description: `Only ${what} that match all of this are kept.` }),
  exclude: Type.Optional({ ...schema, description: `Drops ${what} that match all of this.` }),
});

const ERROR_MODES = ['ignore', 'silent', 'propagate'] as const;

/** Conditions in OTTL on one context. */
const conditions = (what: string) =>
  Type.Optional(
    Type.Array(Type.String(), {
      description: `Drops ${what} for which one of these OTTL conditions holds. Not together with include and exclude.`,
    }),
  );

/** Conditions in OTTL whose contexts are inferred, each for itself, or named by their group. */
function inferredConditions<const C extends readonly string[]>(contexts: C, what: string) {
  const group = Type.Object({
    context: Type.Optional(
      Type.Enum(contexts, { description: 'What the conditions are about; default: what their paths begin with.' }),
    ),
    error_mode: Type.Optional(
      Type.Enum(ERROR_MODES, { description: 'In place of the error_mode of the processor, for this group.' }),
    ),
    conditions: Type.Array(Type.String(), { default: [], description: 'OTTL conditions, joined by or.' }),
  });
  return Type.Optional(
    Type.Array(Type.Union([Type.String(), group]), {
      description: `Drops ${what} for which an OTTL condition holds: a list of conditions, or of groups of them. Those of a group apply from the outermost context inwards.`,
    }),
  );
}

export const filterSettings = Type.Object({
  error_mode: Type.Enum(ERROR_MODES, {
    default: 'ignore',
    description:
      'What an error of an OTTL condition leads to: ignore logs it and goes on with the next condition, silent only goes on, propagate refuses the payload.',
  }),
  logs: Type.Object(
    {
      ...pair(logProperties, 'log records'),
      resource: conditions('resources with all their log records'),
      log_record: conditions('log records'),
    },
    { description: 'Which log records are kept.' },
  ),
  spans: Type.Object(matchSettings('kept'), { description: 'Which spans are kept.' }),
  traces: Type.Object(
    {
      resource: conditions('resources with all their spans'),
      span: conditions('spans'),
      spanevent: conditions('span events'),
    },
    { description: 'Which spans and span events are dropped, by OTTL.' },
  ),
  metrics: Type.Object(
    {
      ...pair(metricProperties, 'metrics'),
      regexp: regexpCache,
      resource: conditions('resources with all their metrics'),
      metric: conditions('metrics'),
      datapoint: conditions('data points, and metrics that lose all of theirs,'),
    },
    { description: 'Which metrics are kept.' },
  ),
  profiles: Type.Object(
    { resource: conditions('resources with all their profiles'), profile: conditions('profiles') },
    { description: 'Which profiles are kept.' },
  ),
  log_conditions: inferredConditions(['resource', 'scope', 'log'], 'resources, scopes and log records'),
  trace_conditions: inferredConditions(
    ['resource', 'scope', 'span', 'spanevent'],
    'resources, scopes, spans and span events',
  ),
  metric_conditions: inferredConditions(
    ['resource', 'scope', 'metric', 'datapoint'],
    'resources, scopes, metrics and data points',
  ),
  profile_conditions: inferredConditions(['resource', 'scope', 'profile'], 'resources, scopes and profiles'),
});

export type FilterSettings = Static<typeof filterSettings>;
export type LogProperties = Static<typeof logProperties>;
export type MetricProperties = Static<typeof metricProperties>;
