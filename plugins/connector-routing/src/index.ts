import { defineConnector, type Junction, type StepTools } from '@millrace/api';
import { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import { checkRouting } from './check-routing.ts';
import { asksForSender, Router } from './router.ts';
import { routedSignals, routingSettings, type RoutingSettings, settingsFor } from './routing-settings.ts';

/** Deals records out to pipelines by OTTL conditions. */
export default defineConnector({
  type: 'routing',
  summary: 'Sends resources, records and data points to pipelines by conditions.',
  stability: 'beta',
  routes: [
    { from: 'logs', to: 'logs' },
    { from: 'traces', to: 'traces' },
    { from: 'metrics', to: 'metrics' },
  ],
  config: routingSettings,
  examples: [
    {
      title: 'Unimportant log records a cheap way, the rest by service',
      yaml: [
        'routing/logs:',
        '  default_pipelines: [logs/after, traces/after, metrics/after]',
        '  table:',
        '    - context: log',
        '      condition: severity_number < SEVERITY_NUMBER_WARN',
        '      pipelines: [logs/after]',
        '    - condition: \'resource.attributes["service.name"] == "shop"\'',
        '      pipelines: [logs/after]',
      ].join('\n'),
    },
    {
      title: 'One tenant of every signal apart, without the attribute that tells it',
      yaml: [
        'routing/tenants:',
        '  default_pipelines: [logs/after, traces/after, metrics/after]',
        '  error_mode: propagate',
        '  table:',
        '    - statement: \'delete_key(resource.attributes, "tenant") where resource.attributes["tenant"] == "acme"\'',
        '      pipelines: [logs/after, traces/after, metrics/after]',
      ].join('\n'),
    },
    {
      title: 'Data points by their own attributes or by their metric, and a copy of all of one service',
      yaml: [
        'routing/points:',
        '  default_pipelines: [logs/after, traces/after, metrics/after]',
        '  table:',
        '    - condition: \'resource.attributes["service.name"] == "billing"\'',
        '      action: copy',
        '      pipelines: [metrics/after]',
        '    - context: metric',
        '      condition: type == METRIC_DATA_TYPE_HISTOGRAM',
        '      pipelines: [metrics/after]',
        '    - context: datapoint',
        '      condition: \'attributes["http.method"] == "GET"\'',
        '      pipelines: [metrics/after]',
      ].join('\n'),
    },
  ],
  check: checkRouting,
  usesContext: ({ table }) => table.some(asksForSender),
  create: junctionFor,
});

/** Handles the signals of the pipelines that it routes to. */
function junctionFor(settings: RoutingSettings, tools: StepTools): Junction {
  const { table, default_pipelines } = settings;
  const pipelines = [...new Set([...table.flatMap((route) => route.pipelines), ...default_pipelines])];
  const junction: Junction = { pipelines };
  for (const signal of routedSignals(settings)) {
    const router = new Router(settingsFor(settings, signal), signal, tools);
    switch (signal) {
      case 'logs':
        junction.logs = (batch, out) => router.route(batch, out, (chunks) => LogsBatch.of(chunks));
        break;
      case 'traces':
        junction.traces = (batch, out) => router.route(batch, out, (chunks) => TracesBatch.of(chunks));
        break;
      case 'metrics':
        junction.metrics = (batch, out) => router.route(batch, out, (chunks) => MetricsBatch.of(chunks));
    }
  }
  return junction;
}
