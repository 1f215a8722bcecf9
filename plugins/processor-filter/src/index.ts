import { defineProcessor } from '@millrace/api';
import { checkFilter } from './check-filter.ts';
import { dropLogs, logSelection } from './drop-logs.ts';
import { dropMetrics, metricSelections } from './drop-metrics.ts';
import { dropSpans, spanSelection } from './drop-spans.ts';
import { filterSettings } from './filter-settings.ts';

/** Drops items by `include` and `exclude`. */
export default defineProcessor({
  type: 'filter',
  summary: 'Drops log records, spans and metrics by what they match.',
  stability: 'beta',
  config: filterSettings,
  examples: [
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
  create({ logs, spans, metrics }, tools) {
    const records = logSelection(logs);
    const selected = spanSelection(spans);
    const chosen = metricSelections(metrics);
    return {
      logs: (batch) => dropLogs(batch, records, tools),
      traces: (batch) => dropSpans(batch, selected, tools),
      metrics: (batch) => dropMetrics(batch, chosen, tools),
    };
  },
});
