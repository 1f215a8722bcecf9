import type {
  DataPointView,
  ExemplarView,
  LogRecordView,
  MetricView,
  ProfileSampleView,
  ProfileView,
  SpanEventView,
  SpanLinkView,
  SpanView,
} from '@millrace/otlp';
import type { Frame } from '../compile/frame.ts';
import { CACHE_PATHS, EVENT_INDEX_PATHS } from './cache-paths.ts';
import type { ContextName } from './context-name.ts';
import { DATA_POINT_PATHS } from './data-point-paths.ts';
import { DATA_POINT_ENUMS, LOG_ENUMS, METRIC_ENUMS, SPAN_ENUMS } from './enums.ts';
import { EXEMPLAR_PATHS } from './exemplar-paths.ts';
import type { Field, PathTable } from './field.ts';
import { LOG_PATHS } from './log-paths.ts';
import { METRIC_PATHS } from './metric-paths.ts';
import { PROFILE_PATHS, PROFILE_SAMPLE_PATHS } from './profile-paths.ts';
import { REQUEST_PATHS } from './request-paths.ts';
import { RESOURCE_PATHS, type ResourceShown } from './resource-paths.ts';
import { SCOPE_PATHS, type ScopeShown } from './scope-paths.ts';
import { SPAN_EVENT_PATHS, SPAN_LINK_PATHS } from './span-part-paths.ts';
import { SPAN_PATHS } from './span-paths.ts';

/** Paths, and how to find what they are about. */
export interface Level {
  readonly paths: PathTable<unknown>;
  readonly view: (frame: Frame) => unknown;
}

export interface Context {
  readonly name: ContextName;
  /** By the prefix of a path: `resource` in `resource.attributes`. The paths of a prefix may come from several levels. */
  readonly levels: Readonly<Record<string, readonly Level[]>>;
  readonly enums: Readonly<Record<string, bigint>>;
}

function level<View>(paths: PathTable<View>, view: (frame: Frame) => View): readonly Level[] {
  return [{ paths: paths as PathTable<unknown>, view }];
}

interface InScope {
  readonly scope: ScopeShown;
}

/** What the frames of all contexts know beside their own paths. */
function around(scope: (frame: Frame) => ScopeShown): Context['levels'] {
  return {
    scope: level(SCOPE_PATHS, scope),
    instrumentation_scope: level(SCOPE_PATHS, scope),
    resource: level(RESOURCE_PATHS, (frame) => scope(frame).resource),
    otelcol: level(REQUEST_PATHS, (frame) => frame.client),
  };
}

const self = (frame: Frame): Frame => frame;

function own<View>(paths: PathTable<View>): readonly Level[] {
  return [...level(paths, (frame) => frame.view as View), ...level(CACHE_PATHS, self)];
}

const metric = (frame: Frame): MetricView => (frame.parent as DataPointView).metric;

export const CONTEXTS: Readonly<Record<ContextName, Context>> = {
  log: {
    name: 'log',
    levels: { log: own<LogRecordView>(LOG_PATHS), ...around((frame) => (frame.view as InScope).scope) },
    enums: LOG_ENUMS,
  },
  span: {
    name: 'span',
    levels: { span: own<SpanView>(SPAN_PATHS), ...around((frame) => (frame.view as InScope).scope) },
    enums: SPAN_ENUMS,
  },
  spanevent: {
    name: 'spanevent',
    levels: {
      spanevent: [...own<SpanEventView>(SPAN_EVENT_PATHS), ...level(EVENT_INDEX_PATHS, self)],
      span: level(SPAN_PATHS, (frame) => frame.parent as SpanView),
      ...around((frame) => (frame.parent as InScope).scope),
    },
    enums: SPAN_ENUMS,
  },
  spanlink: {
    name: 'spanlink',
    levels: {
      spanlink: own<SpanLinkView>(SPAN_LINK_PATHS),
      span: level(SPAN_PATHS, (frame) => frame.parent as SpanView),
      ...around((frame) => (frame.parent as InScope).scope),
    },
    enums: SPAN_ENUMS,
  },
  metric: {
    name: 'metric',
    levels: { metric: own<MetricView>(METRIC_PATHS), ...around((frame) => (frame.view as InScope).scope) },
    enums: METRIC_ENUMS,
  },
  datapoint: {
    name: 'datapoint',
    levels: {
      datapoint: own<DataPointView>(DATA_POINT_PATHS),
      metric: level(METRIC_PATHS, (frame) => (frame.view as DataPointView).metric),
      ...around((frame) => (frame.view as InScope).scope),
    },
    enums: DATA_POINT_ENUMS,
  },
  exemplar: {
    name: 'exemplar',
    levels: {
      exemplar: own<ExemplarView>(EXEMPLAR_PATHS),
      datapoint: level(DATA_POINT_PATHS, (frame) => frame.parent as DataPointView),
      metric: level(METRIC_PATHS, metric),
      ...around((frame) => (frame.parent as InScope).scope),
    },
    enums: {},
  },
  profile: {
    name: 'profile',
    levels: { profile: own<ProfileView>(PROFILE_PATHS), ...around((frame) => (frame.view as InScope).scope) },
    enums: {},
  },
  profilesample: {
    name: 'profilesample',
    levels: {
      profilesample: own<ProfileSampleView>(PROFILE_SAMPLE_PATHS),
      profile: level(PROFILE_PATHS, (frame) => frame.parent as ProfileView),
      ...around((frame) => (frame.parent as InScope).scope),
    },
    enums: {},
  },
  scope: {
    name: 'scope',
    levels: {
      ...around((frame) => frame.view as ScopeShown),
      scope: own<ScopeShown>(SCOPE_PATHS),
      instrumentation_scope: own<ScopeShown>(SCOPE_PATHS),
    },
    enums: {},
  },
  resource: {
    name: 'resource',
    levels: { resource: own<ResourceShown>(RESOURCE_PATHS), otelcol: level(REQUEST_PATHS, (frame) => frame.client) },
    enums: {},
  },
};

/** A path of a context, and the level that it belongs to. */
export function findField(
  levels: readonly Level[],
  name: string,
): { readonly field: Field<unknown>; readonly view: Level['view'] } | undefined {
  for (const { paths, view } of levels) if (Object.hasOwn(paths, name)) return { field: paths[name], view };
  return undefined;
}
