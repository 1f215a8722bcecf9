import { type ConfigFault, type Static, storageId, Type } from '@millrace/api';
import { checkTexts, regexpCache, texts } from '@millrace/rules';

/** As settings name the types that can be converted, in lower case. */
export const METRIC_TYPES = ['sum', 'histogram', 'exponentialhistogram'] as const;

const match = (what: string) =>
  Type.Object(
    {
      metrics: texts(`Names of the metrics that are ${what}.`),
      match_type: Type.Optional(
        Type.Enum(['strict', 'regexp'], { description: 'How names are compared: exactly, or by RE2 expressions.' }),
      ),
      regexp: regexpCache,
      metric_types: Type.Array(Type.String(), {
        default: [],
        description: `Types of the metrics that are ${what}: ${METRIC_TYPES.join(', ')}.`,
      }),
    },
    { description: `Which metrics are ${what}. Exclude goes before include.` },
  );

export const deltaSettings = Type.Object({
  include: match('converted'),
  exclude: match('not converted'),
  max_staleness: Type.Duration({
    default: '1h',
    minimumMs: 0,
    description: 'Time after which a series that sends no points is forgotten; 0: never.',
  }),
  initial_value: Type.Enum(['auto', 'keep', 'drop'], {
    default: 'auto',
    description:
      'What becomes of the first point of a series: it is passed on, dropped, or (auto) passed on if the series began after the collector.',
  }),
  max_streams: Type.Integer({
    default: 250_000,
    minimum: 1,
    description:
      'Series that are tracked at a time, of some 300 bytes each, histograms more. Points of further ones are dropped and counted.',
  }),
  storage: storageId(
    'Storage extension in which the last points of series outlive a restart; not a crash, after which series begin anew. Without it they do so after every restart.',
  ),
});

export type DeltaSettings = Static<typeof deltaSettings>;
type MatchSettings = DeltaSettings['include'];

/** The Collector's rules for the cumulativetodelta processor. */
export function checkDelta(settings: DeltaSettings): ConfigFault[] {
  const { max_staleness: staleMs } = settings;
  const faults = [...matchFaults(settings.include, 'include'), ...matchFaults(settings.exclude, 'exclude')];
  if (staleMs === 0 || staleMs >= 1) return faults;
  const remedy = 'write a unit behind the number: 300s; 0 never forgets';
  return [...faults, { path: ['max_staleness'], message: `${staleMs * 1e6}ns is less than a millisecond`, remedy }];
}

function matchFaults({ metrics, match_type, metric_types }: MatchSettings, side: string): ConfigFault[] {
  const faults = metric_types.flatMap((type, index): ConfigFault[] => {
    if (METRIC_TYPES.some((known) => known === type.toLowerCase())) return [];
    const remedy = `use ${METRIC_TYPES.join(', ')}`;
    return [{ path: [side, 'metric_types', index], message: `there is no metric type "${type}" here`, remedy }];
  });
  if (match_type !== undefined && metrics.length === 0) {
    const remedy = 'list metrics, or remove it';
    return [...faults, { path: [side, 'match_type'], message: 'there are no metrics to match', remedy }];
  }
  if (match_type === undefined && metrics.length > 0) {
    return [...faults, { path: [side], message: 'match_type is missing', remedy: 'add match_type: strict or regexp' }];
  }
  return [...faults, ...checkTexts(metrics, match_type, [side, 'metrics'])];
}
