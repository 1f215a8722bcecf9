import { type Static, Type } from '@millrace/api';

/** The things that can be counted, as the configuration calls them, with the OTTL context of their conditions. */
export const SECTIONS = {
  spans: 'span',
  spanevents: 'spanevent',
  metrics: 'metric',
  datapoints: 'datapoint',
  logs: 'log',
  profiles: 'profile',
} as const;

export type Section = keyof typeof SECTIONS;

const attribute = Type.Object({
  key: Type.String({ minLength: 1, description: 'Key of an attribute of the item, else of its scope or resource.' }),
  default_value: Type.Optional(
    Type.Union([Type.Integer(), Type.Number(), Type.String()], {
      description: 'Value for items without the attribute; they are not counted without it, or when it is "" or 0.',
    }),
  ),
});

const metric = Type.Object({
  description: Type.String({ default: '', description: 'Description of the metric.' }),
  conditions: Type.Array(Type.String(), { default: [], description: 'OTTL conditions; one that holds is enough.' }),
  attributes: Type.Array(attribute, { default: [], description: 'Counts are kept apart by these attributes.' }),
});

const section = (what: string, name: string) =>
  Type.Optional(
    Type.Record(metric, { description: `Counts of ${what}, by the name of the metric. Default: ${name}, of all.` }),
  );

export const countSettings = Type.Object({
  spans: section('spans', 'trace.span.count'),
  spanevents: section('span events', 'trace.span.event.count'),
  metrics: section('metrics', 'metric.count'),
  datapoints: section('data points', 'metric.datapoint.count'),
  logs: section('log records', 'log.record.count'),
  profiles: section('profiles', 'profile.count'),
});

export type CountSettings = Static<typeof countSettings>;
export type MetricSettings = Static<typeof metric>;
export type AttributeSettings = Static<typeof attribute>;

const all = (description: string): MetricSettings => ({ description, conditions: [], attributes: [] });

const DEFAULTS: Readonly<Record<Section, Readonly<Record<string, MetricSettings>>>> = {
  spans: { 'trace.span.count': all('The number of spans observed.') },
  spanevents: { 'trace.span.event.count': all('The number of span events observed.') },
  metrics: { 'metric.count': all('The number of metrics observed.') },
  datapoints: { 'metric.datapoint.count': all('The number of data points observed.') },
  logs: { 'log.record.count': all('The number of log records observed.') },
  profiles: { 'profile.count': all('The number of profiles observed.') },
};

/** The metrics of a section by name: the configured ones, or else the default. */
export function metricsOf(settings: CountSettings, section: Section): Readonly<Record<string, MetricSettings>> {
  return settings[section] ?? DEFAULTS[section];
}
