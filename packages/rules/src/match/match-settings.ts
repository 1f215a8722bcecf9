import { type Schema, type Static, Type } from '@millrace/api';

/** An attribute that must be there, with a value where one is given. */
export const attributeMatch = Type.Object({
  key: Type.String({ description: 'Key of the attribute.' }),
  value: Type.Optional(
    Type.Any({
      description: 'strict: exactly this value, of this type. regexp: an RE2 expression. Absent: any value.',
    }),
  ),
});

const library = Type.Object({
  name: Type.String({ default: '', description: 'Name of the instrumentation scope.' }),
  version: Type.Optional(Type.String({ description: 'Its version; absent: any, empty: none.' })),
});

export const regexpCache = Type.Optional(
  Type.Object(
    {
      cacheenabled: Type.Boolean({ default: false, description: 'Accepted; results are the same without a cache.' }),
      cachemaxnumentries: Type.Integer({ default: 0, minimum: 0, description: 'Accepted, as cacheenabled.' }),
    },
    { description: 'Options of match_type regexp.' },
  ),
);

export const matchType = Type.Optional(
  Type.Enum(['strict', 'regexp'], {
    description: 'How texts are compared: exactly, or by RE2 expressions that match any part of them.',
  }),
);

export const texts = (description: string): Schema<string[]> => Type.Array(Type.String(), { default: [], description });

export const attributeMatches = (description: string): Schema<AttributeMatch[]> =>
  Type.Array(attributeMatch, { default: [], description });

/** What `include` and `exclude` of the attributes processor, and of the filter processor for spans, consist of. */
const matchProperties = Type.Object({
  match_type: matchType,
  regexp: regexpCache,
  services: texts('Spans: the service.name of the resource is one of these.'),
  span_names: texts('Spans: the name is one of these.'),
  span_kinds: texts('Spans: the kind is one of these (SPAN_KIND_SERVER, ...).'),
  log_bodies: texts('Log records: the body is one of these.'),
  log_severity_texts: texts('Log records: the severity text is one of these.'),
  log_severity_number: Type.Optional(
    Type.Object(
      {
        min: Type.Integer({ default: 0, description: 'The lowest severity number that matches.' }),
        match_undefined: Type.Boolean({ default: false, description: 'Whether records without a severity match.' }),
      },
      { description: 'Log records: the severity is in this range.' },
    ),
  ),
  metric_names: texts('Metrics: the name is one of these.'),
  attributes: attributeMatches('Spans and log records: all of these attributes are there.'),
  resources: attributeMatches('All of these attributes of the resource are there.'),
  libraries: Type.Array(library, { default: [], description: 'Spans and log records: all of these match the scope.' }),
});

export type AttributeMatch = Static<typeof attributeMatch>;
export type LibraryMatch = Static<typeof library>;
export type MatchProperties = Static<typeof matchProperties>;
export type MatchType = 'strict' | 'regexp';
export interface SeverityMatch {
  readonly min: number;
  readonly match_undefined: boolean;
}

/** Which items something applies to: those that `include` matches and `exclude` does not. */
export interface MatchSettings {
  readonly include?: MatchProperties;
  readonly exclude?: MatchProperties;
}

/** The keys `include` and `exclude`, to be spread into a schema. */
export function matchSettings(what: string) {
  return {
    include: Type.Optional({ ...matchProperties, description: `Only items that match all of this are ${what}.` }),
    exclude: Type.Optional({ ...matchProperties, description: `Items that match all of this are not ${what}.` }),
  };
}

/** Properties that match everything, to be filled. */
export const NO_CRITERIA: MatchProperties = {
  services: [],
  span_names: [],
  span_kinds: [],
  log_bodies: [],
  log_severity_texts: [],
  metric_names: [],
  attributes: [],
  resources: [],
  libraries: [],
};
