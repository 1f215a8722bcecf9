import { type ClientContext, defineProcessor, type OpenBatch, type StepTools, type Transform } from '@millrace/api';
import { type ClientInfo, type Condition, FailureLog } from '@millrace/ottl';
import { applyToLogs, applyToMetrics, applyToProfiles, applyToSpans } from './apply-passes.ts';
import { checkFilter } from './check-filter.ts';
import { compilePasses } from './compile-conditions.ts';
import { asksForSender } from './condition-groups.ts';
import { dropLogs, logSelection } from './drop-logs.ts';
import { dropMetrics, metricSelections } from './drop-metrics.ts';
import { dropSpans, spanSelection } from './drop-spans.ts';
import { filterSettings, type FilterSettings } from './filter-settings.ts';

/** Drops items by OTTL conditions, or by `include` and `exclude`. */
export default defineProcessor({
  type: 'filter',
  summary: 'Drops log records, spans, metrics and profiles by what they match.',
  stability: 'beta',
  config: filterSettings,
  examples: [
    {
      title: 'Drop by OTTL conditions',
      yaml: [
        'filter/ottl:',
        '  error_mode: ignore',
        '  traces:',
        '    span:',
        '      - \'attributes["url.path"] == "/healthz" and status.code != STATUS_CODE_ERROR\'',
        '    spanevent:',
        '      - \'IsMatch(name, ".*grpc.*")\'',
        '  metrics:',
        '    metric:',
        "      - 'type == METRIC_DATA_TYPE_HISTOGRAM'",
        '    datapoint:',
        '      - \'metric.name == "disk.usage" and attributes["device"] == "loop0"\'',
        '  logs:',
        '    log_record:',
        "      - 'severity_number < SEVERITY_NUMBER_WARN'",
        '  profiles:',
        '    profile:',
        "      - 'duration_unix_nano < 1000000000'",
      ].join('\n'),
    },
    {
      title: 'Drop by conditions that name their contexts',
      yaml: [
        'filter/inferred:',
        '  log_conditions:',
        '    - \'IsMatch(log.body, ".*password.*")\'',
        '    - \'resource.attributes["service.name"] == "debug"\'',
      ].join('\n'),
    },
    {
      title: 'Drop health checks and debug metrics',
      yaml: [
        'filter/noise:',
        '  logs:',
        '    exclude: { match_type: regexp, bodies: ["^GET /healthz"] }',
        '  spans:',
        '    exclude: { match_type: strict, span_names: [GET /healthz, GET /ready] }',
        '  metrics:',
        '    exclude: { match_type: regexp, metric_names: ["^debug\\\\."] }',
      ].join('\n'),
    },
    {
      title: 'Keep warnings and worse',
      yaml: 'filter: { logs: { include: { severity_number: { min: WARN } } } }',
    },
  ],
  check: checkFilter,
  usesContext: asksForSender,
  create: filterFor,
});

function filterFor(settings: FilterSettings, tools: StepTools): Transform {
  const failures = new FailureLog({
    now: () => tools.nowUnixNano(),
    warn: (message, fields) => tools.logger.warn(message, fields),
  });
  const asks = asksForSender(settings);
  const records = logSelection(settings.logs);
  const selected = spanSelection(settings.spans);
  const chosen = metricSelections(settings.metrics);
  const passes = {
    logs: compilePasses(settings, 'logs', failures, tools),
    traces: compilePasses(settings, 'traces', failures, tools),
    metrics: compilePasses(settings, 'metrics', failures, tools),
    profiles: compilePasses(settings, 'profiles', failures, tools),
  };

  /** Include and exclude, or conditions: the configuration has one of them. */
  function run<B extends OpenBatch, P extends AnyPass>(
    batch: B,
    list: readonly P[],
    form: { apply: (batch: B, pass: P) => void; counter: string; select: () => void },
  ): void {
    if (list.length === 0) {
      form.select();
      return;
    }
    if (asks) showSender(list, tools.context);
    const before = batch.itemCount;
    for (const pass of list) form.apply(batch, pass);
    tools.count(form.counter, before - batch.itemCount);
    failures.report();
  }

  return {
    logs: (batch) =>
      run(batch, passes.logs, {
        apply: applyToLogs,
        counter: 'processor_filter_logs.filtered',
        select: () => dropLogs(batch, records, tools),
      }),
    traces: (batch) =>
      run(batch, passes.traces, {
        apply: applyToSpans,
        counter: 'processor_filter_spans.filtered',
        select: () => dropSpans(batch, selected, tools),
      }),
    metrics: (batch) =>
      run(batch, passes.metrics, {
        apply: applyToMetrics,
        counter: 'processor_filter_datapoints.filtered',
        select: () => dropMetrics(batch, chosen, tools),
      }),
    profiles: (batch) =>
      run(batch, passes.profiles, {
        apply: applyToProfiles,
        counter: 'processor_filter_profiles.filtered',
        select: () => undefined,
      }),
  };
}

type AnyPass = Readonly<Record<string, readonly Condition[]>>;

function showSender(passes: readonly AnyPass[], sender: ClientContext | undefined): void {
  const client: ClientInfo | null =
    sender === undefined
      ? null
      : {
          ...(sender.address === undefined ? {} : { addr: sender.address }),
          ...(sender.metadata === undefined ? {} : { metadata: new Map(Object.entries(sender.metadata)) }),
        };
  for (const condition of passes.flatMap((pass) => Object.values(pass).flat())) condition.client = client;
}
