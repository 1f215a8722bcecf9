import { type ClientContext, defineProcessor, type StepTools, type Transform } from '@millrace/api';
import { type ClientInfo, FailureLog, type Program } from '@millrace/ottl';
import { checkStatements, compileGroups } from './compile-groups.ts';
import {
  asksForSender,
  sharesCache,
  type StatementsKey,
  transformSettings,
  type TransformSettings,
} from './transform-settings.ts';
import { walkLogs, walkMetrics, walkProfiles, type Walk, walksOf, walkTraces } from './walk.ts';

/** Changes telemetry with statements of the OpenTelemetry Transformation Language. */
export default defineProcessor({
  type: 'transform',
  summary: 'Changes telemetry with statements of the OpenTelemetry Transformation Language (OTTL).',
  stability: 'beta',
  config: transformSettings,
  examples: [
    {
      title: 'Tidy up spans, data points and log records',
      yaml: [
        'transform:',
        '  error_mode: ignore',
        '  trace_statements:',
        '    - keep_keys(span.attributes, ["service.name", "http.route", "process.command_line"])',
        '    - replace_pattern(span.attributes["process.command_line"], "password=[^\\\\s]*(\\\\s?)", "password=***")',
        '    - truncate_all(span.attributes, 4096)',
        '  metric_statements:',
        '    - set(metric.description, "Processes") where metric.name == "system.processes.count"',
        '  log_statements:',
        '    - set(log.severity_text, "FAIL") where log.body == "request failed"',
        '    - replace_all_matches(log.attributes, "/user/*/list/*", "/user/{userId}/list/{listId}")',
      ].join('\n'),
    },
    {
      title: 'Take attributes out of bodies that are JSON',
      yaml: [
        'transform/json:',
        '  log_statements:',
        '    - error_mode: ignore',
        '      conditions: [\'IsString(log.body) and IsMatch(log.body, "^\\\\s*\\\\{")\']',
        '      statements:',
        '        - merge_maps(log.cache, ParseJSON(log.body), "upsert")',
        '        - set(log.attributes["user.id"], log.cache["user"]["id"])',
        '        - set(log.body, log.cache["message"]) where log.cache["message"] != nil',
      ].join('\n'),
    },
    {
      title: 'Tidy up profiles',
      yaml: [
        'transform/profiles:',
        '  profile_statements:',
        '    - set(profile.attributes["team"], resource.attributes["team"])',
        '    - set(profile.original_payload_format, "") where profile.original_payload_format == "pprof"',
      ].join('\n'),
    },
    {
      title: 'With the context named',
      yaml: [
        'transform/context:',
        '  trace_statements:',
        '    - context: resource',
        '      statements: [\'set(attributes["deployment.environment.name"], "production")\']',
        '    - context: spanevent',
        '      statements: [\'delete_key(attributes, "exception.stacktrace") where name == "exception"\']',
      ].join('\n'),
    },
  ],
  check: checkStatements,
  usesContext: (settings) => asksForSender(settings) || sharesCache(settings),
  create: transformFor,
});

function transformFor(settings: TransformSettings, tools: StepTools): Transform {
  const failures = new FailureLog({
    now: () => tools.nowUnixNano(),
    warn: (message, fields) => tools.logger.warn(message, fields),
  });
  const asks = asksForSender(settings);

  function stepFor<Batch>(key: StatementsKey, walkOver: (batch: Batch, walk: Walk) => void) {
    const programs = compileGroups(settings, key, failures, tools);
    const walks = walksOf(programs);
    return (batch: Batch): void => {
      if (asks) showSender(programs, tools.context);
      const caches: SharedCaches = new Map();
      for (const walk of walks) {
        lendCache(walk, caches);
        walkOver(batch, walk);
        takeCache(walk, caches);
      }
      failures.report();
    };
  }

  return {
    logs: stepFor('log_statements', walkLogs),
    traces: stepFor('trace_statements', walkTraces),
    metrics: stepFor('metric_statements', walkMetrics),
    profiles: stepFor('profile_statements', walkProfiles),
  };
}

/** What groups of one context share while a batch passes. */
type SharedCaches = Map<Program['context'], Program['cache']>;

/** A program that shares its cache has a walk for itself. */
function lendCache({ context, programs: [program] }: Walk, caches: SharedCaches): void {
  if (program.sharesCache) program.cache = caches.get(context) ?? new Map();
}

function takeCache({ context, programs: [program] }: Walk, caches: SharedCaches): void {
  if (program.sharesCache) caches.set(context, program.cache);
}

function showSender(programs: readonly Program[], sender: ClientContext | undefined): void {
  const client: ClientInfo | null =
    sender === undefined
      ? null
      : {
          ...(sender.address === undefined ? {} : { addr: sender.address }),
          ...(sender.metadata === undefined ? {} : { metadata: new Map(Object.entries(sender.metadata)) }),
        };
  for (const program of programs) program.client = client;
}
