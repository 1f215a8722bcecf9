import type { FilterSettings } from './filter-settings.ts';

export type Path = readonly (string | number)[];
export type FilteredSignal = 'logs' | 'traces' | 'metrics' | 'profiles';

/** The contexts of a signal, outermost first. */
export const LEVELS = {
  logs: ['resource', 'scope', 'log'],
  traces: ['resource', 'scope', 'span', 'spanevent'],
  metrics: ['resource', 'scope', 'metric', 'datapoint'],
  profiles: ['resource', 'scope', 'profile'],
} as const;

export type Level<S extends FilteredSignal = FilteredSignal> = (typeof LEVELS)[S][number];

/** Conditions that belong together, and where the configuration has them. */
export interface ConditionGroup {
  /** Undefined: each condition has the one that its paths begin with. */
  readonly context: Level | undefined;
  readonly conditions: readonly string[];
  readonly errorMode: FilterSettings['error_mode'];
  readonly path: Path;
  readonly conditionPath: (index: number) => Path;
}

const INFERRED_KEYS = {
  logs: 'log_conditions',
  traces: 'trace_conditions',
  metrics: 'metric_conditions',
  profiles: 'profile_conditions',
} as const;
/** How the older form names a context where it does not use the context's own name. */
const OLDER_NAMES: Readonly<Partial<Record<Level, string>>> = { log: 'log_record' };

/** The groups of a signal, in order: of the form `log_conditions`, or else of the older `logs.log_record`. */
export function conditionGroups(settings: FilterSettings, signal: FilteredSignal): ConditionGroup[] {
  const key = INFERRED_KEYS[signal];
  const inferred = settings[key] ?? [];
  return inferred.length > 0 ? groupsIn(inferred, key, settings) : olderGroups(settings, signal);
}

type Inferred = NonNullable<FilterSettings[(typeof INFERRED_KEYS)[FilteredSignal]]>;

function groupsIn(items: Inferred, key: string, settings: FilterSettings): ConditionGroup[] {
  const bare = items.filter((item) => typeof item === 'string');
  const { error_mode: errorMode } = settings;
  if (bare.length === items.length) {
    const conditionPath = (index: number): Path => [key, index];
    return [{ context: undefined, conditions: bare, errorMode, path: [key], conditionPath }];
  }
  return items.flatMap((item, i) =>
    typeof item === 'string'
      ? []
      : [
          {
            context: item.context,
            conditions: item.conditions,
            errorMode: item.error_mode ?? errorMode,
            path: [key, i],
            conditionPath: (index: number): Path => [key, i, 'conditions', index],
          },
        ],
  );
}

function olderGroups(settings: FilterSettings, signal: FilteredSignal): ConditionGroup[] {
  const lists = settings[signal] as Readonly<Record<string, readonly string[] | undefined>>;
  return LEVELS[signal].flatMap((context) => {
    const name = OLDER_NAMES[context] ?? context;
    const path = [signal, name];
    const conditions = lists[name] ?? [];
    const conditionPath = (index: number): Path => [...path, index];
    return [{ context, conditions, errorMode: settings.error_mode, path, conditionPath }];
  });
}

/** Forms that exclude each other: the places of the later ones where an earlier one is used. */
export function conflicts(settings: FilterSettings, signal: FilteredSignal): { path: Path; with: string }[] {
  const lists = settings[signal] as Readonly<Record<string, unknown>>;
  const older = LEVELS[signal]
    .map((context) => [signal, OLDER_NAMES[context] ?? context] as const)
    .filter(([, name]) => lists[name] !== undefined);
  const [matchKey, match] = signal === 'traces' ? ['spans', settings.spans] : [signal, settings[signal]];
  const matched = (['include', 'exclude'] as const).filter((side) => (match as Record<string, unknown>)[side] != null);
  const key = INFERRED_KEYS[signal];
  const usesInferred = settings[key] !== undefined;
  // The Collector lets trace_conditions stand beside spans.include, and ignores the latter: better refused.
  return [
    ...older
      .filter(() => usesInferred || matched.length > 0)
      .map((path) => ({
        path,
        with: usesInferred ? key : `${matchKey}.${matched[0]}`,
      })),
    ...(usesInferred && matched.length > 0 ? [{ path: [key], with: `${matchKey}.${matched[0]}` }] : []),
  ];
}

export function isMixed(settings: FilterSettings, signal: FilteredSignal): boolean {
  const items: Inferred = settings[INFERRED_KEYS[signal]] ?? [];
  return new Set(items.map((item) => typeof item)).size > 1;
}

/** Whether conditions ask who sent the telemetry: paths that begin with `otelcol`. */
export function asksForSender(settings: FilterSettings): boolean {
  return (Object.keys(LEVELS) as FilteredSignal[])
    .flatMap((signal) => conditionGroups(settings, signal))
    .some(({ conditions }) => conditions.some((text) => /\botelcol\./.test(text)));
}
