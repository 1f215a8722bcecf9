import { type ConfigFault, messageOf, type Static, Type } from '@millrace/api';
import { globPattern } from './glob.ts';

export const DELTA = 'AGGREGATION_TEMPORALITY_DELTA';
export const CUMULATIVE = 'AGGREGATION_TEMPORALITY_CUMULATIVE';

/** Upper bounds in milliseconds. */
export const DEFAULT_BUCKETS = [2, 4, 6, 8, 10, 50, 100, 200, 400, 800, 1000, 1400, 2000, 5000, 10_000, 15_000];

const dimensions = (description: string) =>
  Type.Array(
    Type.Object({
      name: Type.Optional(
        Type.String({ description: 'Attribute of the span or, where it has none, of its resource.', minLength: 1 }),
      ),
      default: Type.Optional(
        Type.String({ description: 'Value where neither has it; else the dimension is left out.' }),
      ),
      glob: Type.Optional(
        Type.String({
          description:
            'Every attribute of the span or its resource that matches: * within a part between dots, ** across.',
          minLength: 1,
        }),
      ),
    }),
    { default: [], description },
  );

export const config = Type.Object({
  histogram: Type.Object(
    {
      disable: Type.Boolean({ default: false, description: 'Whether durations are left out.' }),
      unit: Type.Enum(['ms', 's'], { default: 'ms', description: 'Unit of durations.' }),
      dimensions: dimensions('Further dimensions of durations only.'),
      explicit: Type.Optional(
        Type.Object(
          {
            buckets: Type.Array(Type.Duration({ description: 'Upper bound of a bucket.' }), {
              default: DEFAULT_BUCKETS.map((ms) => `${ms}ms`),
              description: 'Upper bounds of the buckets, ascending.',
            }),
          },
          { description: 'A histogram with given bounds; the default.' },
        ),
      ),
      exponential: Type.Optional(
        Type.Object(
          {
            max_size: Type.Integer({
              default: 160,
              minimum: 0,
              maximum: 16_384,
              description: 'Most buckets of one histogram; 0 stands for 160.',
            }),
          },
          { description: 'A histogram whose bounds adapt.' },
        ),
      ),
    },
    { description: 'How durations are recorded.' },
  ),
  dimensions: dimensions('Dimensions beside the usual ones.'),
  calls_dimensions: dimensions('Further dimensions of calls only.'),
  exclude_dimensions: Type.Array(Type.String({ description: 'Name of a usual dimension.' }), {
    default: [],
    description:
      'Usual dimensions to leave out: service.name, span.name, span.kind, status.code, collector.instance.id.',
  }),
  dimensions_cache_size: Type.Optional(
    Type.Integer({ deprecated: true, description: 'Without effect, as in the Collector.' }),
  ),
  resource_metrics_cache_size: Type.Integer({
    default: 1000,
    minimum: 1,
    description: 'Resources whose metrics are held; the one that was not seen for longest makes room.',
  }),
  resource_metrics_key_attributes: Type.Array(Type.String({ description: 'Key of a resource attribute.' }), {
    default: [],
    description: 'Attributes that tell one resource from another; all, when empty.',
  }),
  aggregation_temporality: Type.Enum([CUMULATIVE, DELTA], {
    default: CUMULATIVE,
    description: 'Whether points count from the start or from the point before.',
  }),
  metrics_flush_interval: Type.Duration({ default: '60s', description: 'How often metrics are passed on.' }),
  metrics_expiration: Type.Duration({
    default: '0',
    minimumMs: 0,
    description: 'A resource without spans for so long is forgotten; 0: never.',
  }),
  series_expiration: Type.Duration({
    default: '0',
    minimumMs: 0,
    description: 'A combination of dimensions without spans for so long is forgotten; 0: never.',
  }),
  metric_timestamp_cache_size: Type.Integer({
    default: 1000,
    minimum: 1,
    description:
      'With delta temporality: for how many series the end of the last point is known, where the next begins.',
  }),
  namespace: Type.String({ default: 'traces.span.metrics', description: "First part of the metrics' names." }),
  exemplars: Type.Object(
    {
      enabled: Type.Boolean({ default: false, description: 'Whether points carry some of their spans.' }),
      max_per_data_point: Type.Integer({ default: 5, minimum: 0, description: 'Most exemplars of one point.' }),
    },
    { description: 'Spans as examples.' },
  ),
  events: Type.Object(
    {
      enabled: Type.Boolean({ default: false, description: 'Whether span events are counted.' }),
      dimensions: dimensions('Further dimensions of events only, also looked up in the event.'),
    },
    { description: 'The events metric.' },
  ),
  include_instrumentation_scope: Type.Array(Type.String({ description: 'Name of a scope.' }), {
    default: [],
    description: 'Scopes whose name and version become dimensions.',
  }),
  aggregation_cardinality_limit: Type.Integer({
    default: 0,
    minimum: 0,
    description:
      'Most series of one metric of one resource; the rest goes into one with otel.metric.overflow. 0: no limit.',
  }),
  series_limit: Type.Integer({
    default: 100_000,
    minimum: 1,
    description:
      'Most series of all metrics and resources together; the rest overflows likewise. Not in the Collector.',
  }),
  add_resource_attributes: Type.Boolean({
    default: false,
    description:
      "Without effect: metrics carry their resource's attributes, as in the Collector with its default gates.",
  }),
  enable_metrics_sampling_method: Type.Boolean({
    default: false,
    description: 'Whether a dimension sampling.method says if spans stand for others that were sampled out.',
  }),
});

export type SpanMetricsConfig = Static<typeof config>;
export type DimensionConfig = SpanMetricsConfig['dimensions'][number];

const USUAL = ['service.name', 'span.name', 'span.kind', 'status.code', 'collector.instance.id'];

export function check(settings: SpanMetricsConfig): readonly ConfigFault[] {
  const { histogram, events, metrics_flush_interval: interval } = settings;
  const faults = [
    ...dimensionFaults(['dimensions'], settings.dimensions),
    ...dimensionFaults(['calls_dimensions'], settings.calls_dimensions),
    ...dimensionFaults(['histogram', 'dimensions'], histogram.dimensions),
  ];
  if (events.enabled) {
    faults.push(...dimensionFaults(['events', 'dimensions'], events.dimensions));
    if (events.dimensions.length === 0) {
      faults.push({
        path: ['events', 'dimensions'],
        message: 'must not be empty',
        remedy: 'name attributes of events',
      });
    }
  }
  if (interval <= 0) {
    faults.push({ path: ['metrics_flush_interval'], message: 'must be positive', remedy: 'such as 60s' });
  }
  const { explicit, exponential } = histogram;
  if (explicit !== undefined && exponential !== undefined) {
    faults.push({ path: ['histogram'], message: 'has both explicit and exponential', remedy: 'remove one of them' });
  }
  const buckets = explicit?.buckets ?? [];
  if (buckets.some((bound, index) => index > 0 && bound <= buckets[index - 1])) {
    const remedy = 'write each bound once, the lowest first';
    faults.push({ path: ['histogram', 'explicit', 'buckets'], message: 'must ascend', remedy });
  }
  return faults;
}

function dimensionFaults(path: readonly string[], list: readonly DimensionConfig[]): ConfigFault[] {
  const faults: ConfigFault[] = [];
  const names = new Set(USUAL);
  list.forEach(({ name, glob, default: value }, index) => {
    const at = [...path, index];
    if ((name === undefined) === (glob === undefined)) {
      faults.push({ path: at, message: 'must have either name or glob', remedy: 'write exactly one of them' });
    }
    if (glob !== undefined && value !== undefined) {
      faults.push({ path: at, message: 'a glob has no default', remedy: 'remove "default"' });
    }
    if (name === undefined) return;
    if (names.has(name)) {
      faults.push({ path: at, message: `"${name}" is a dimension already`, remedy: 'remove it' });
    }
    names.add(name);
  });
  list.forEach(({ glob }, index) => {
    const message = glob === undefined ? undefined : globFault(glob, names);
    if (message !== undefined) faults.push({ path: [...path, index, 'glob'], message, remedy: 'make it narrower' });
  });
  return faults;
}

function globFault(glob: string, names: ReadonlySet<string>): string | undefined {
  try {
    const pattern = globPattern(glob);
    const clash = [...names].find((name) => pattern.test(name));
    return clash === undefined ? undefined : `matches "${clash}", which is a dimension already`;
  } catch (error) {
    return `is no glob: ${messageOf(error)}`;
  }
}
