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

/** Conditions in OTTL. They are declared so that their use gets a clear answer. */
const conditions = Type.Optional(Type.Array(Type.Any(), { description: 'Conditions in OTTL: not supported yet.' }));

export const filterSettings = Type.Object({
  error_mode: Type.Enum(['ignore', 'silent', 'propagate'], {
    default: 'ignore',
    description: 'What an error in an OTTL condition leads to; include and exclude have none.',
  }),
  logs: Type.Object(
    { ...pair(logProperties, 'log records'), resource: conditions, log_record: conditions },
    { description: 'Which log records are kept.' },
  ),
  spans: Type.Object(matchSettings('kept'), { description: 'Which spans are kept.' }),
  traces: Type.Object(
    { resource: conditions, span: conditions, spanevent: conditions },
    { description: 'Conditions in OTTL for traces: not supported yet.' },
  ),
  metrics: Type.Object(
    {
      ...pair(metricProperties, 'metrics'),
      regexp: regexpCache,
      resource: conditions,
      metric: conditions,
      datapoint: conditions,
    },
    { description: 'Which metrics are kept.' },
  ),
  profiles: Type.Object(
    { resource: conditions, profile: conditions },
    { description: 'Conditions in OTTL for profiles: not supported yet.' },
  ),
  log_conditions: conditions,
  trace_conditions: conditions,
  metric_conditions: conditions,
  profile_conditions: conditions,
});

export type FilterSettings = Static<typeof filterSettings>;
export type LogProperties = Static<typeof logProperties>;
export type MetricProperties = Static<typeof metricProperties>;
