import { defineConnector, type Junction, permanent, type StepTools } from '@millrace/api';
import { checkCount } from './check-count.ts';
import { compileCount } from './compile-count.ts';
import { countLogs, countMetrics, countProfiles, countTraces } from './count-batch.ts';
import { countSettings, type CountSettings, metricsOf, type Section } from './count-settings.ts';
import { Counter } from './counter.ts';

/** Counts what passes, as metrics. */
export default defineConnector({
  type: 'count',
  summary: 'Counts spans, span events, metrics, data points, log records and profiles, as metrics.',
  stability: 'beta',
  routes: [
    { from: 'logs', to: 'metrics' },
    { from: 'traces', to: 'metrics' },
    { from: 'metrics', to: 'metrics' },
    { from: 'profiles', to: 'metrics' },
  ],
  config: countSettings,
  examples: [
    { title: 'Everything', yaml: 'count:' },
    {
      title: 'Errors, by environment',
      yaml: [
        'count/errors:',
        '  logs:',
        '    my.error.log.count:',
        '      description: Log records of errors.',
        '      conditions: [severity_number >= SEVERITY_NUMBER_ERROR]',
        '      attributes:',
        '        - key: deployment.environment.name',
        '          default_value: unknown',
        '  spans:',
        '    my.error.span.count:',
        '      conditions: [status.code == STATUS_CODE_ERROR]',
        '      attributes: [{ key: http.method }]',
      ].join('\n'),
    },
    {
      title: 'Some events and data points',
      yaml: [
        'count/some:',
        '  spanevents:',
        '    my.exception.count: { conditions: [\'name == "exception"\'] }',
        '  metrics:',
        '    my.histogram.count: { conditions: [type == METRIC_DATA_TYPE_HISTOGRAM] }',
        '  datapoints:',
        '    my.point.count: { conditions: [\'metric.name == "requests"\'], attributes: [{ key: http.status_code, default_value: 200 }] }',
      ].join('\n'),
    },
  ],
  check: checkCount,
  create: junctionFor,
});

function junctionFor(settings: CountSettings, tools: StepTools): Junction {
  const now = () => tools.nowUnixNano();
  const counter = (section: Section) =>
    new Counter(metricsOf(settings, section), (metric) =>
      compileCount(section, metric, {
        // As in the Collector: what cannot be judged is refused.
        errorMode: 'ignore',
        onError: (error, source) => {
          throw refusal(error, source);
        },
        now,
        log: (message, fields) => tools.logger.info(message, fields),
      }),
    );
  const logs = counter('logs');
  const traces = { spans: counter('spans'), events: counter('spanevents') };
  const metrics = { metrics: counter('metrics'), points: counter('datapoints') };
  const profiles = counter('profiles');
  return {
    logs: (batch, out) => countLogs(batch, logs, { out, now }),
    traces: (batch, out) => countTraces(batch, traces, { out, now }),
    metrics: (batch, out) => countMetrics(batch, metrics, { out, now }),
    profiles: (batch, out) => countProfiles(batch, profiles, { out, now }),
  };
}

function refusal(error: Error, source: string): Error {
  return permanent(`the OTTL condition ${source} failed: ${error.message}`, { code: 'OTTL_FAILED', cause: error });
}
