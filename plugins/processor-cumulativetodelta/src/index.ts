import { defineProcessor } from '@millrace/api';
import { DeltaProcessor } from './delta-processor.ts';
import { checkDelta, deltaSettings } from './delta-settings.ts';

/** Turns monotonic cumulative metrics into deltas. */
export default defineProcessor({
  type: 'cumulativetodelta',
  aliases: ['cumulative_to_delta'],
  summary: 'Turns cumulative monotonic sums and histograms into deltas.',
  stability: 'beta',
  config: deltaSettings,
  examples: [
    { title: 'Everything cumulative', yaml: 'cumulativetodelta:' },
    {
      title: 'Some sums, and never the first point of a series',
      yaml: [
        'cumulativetodelta/some:',
        '  include: { match_type: regexp, metrics: ["^http\\\\.", "^metric\\\\."], metric_types: [sum] }',
        '  exclude: { match_type: strict, metrics: [http.server.active_requests] }',
        '  initial_value: drop',
        '  max_staleness: 10m',
        '  max_streams: 10000',
      ].join('\n'),
    },
  ],
  check: checkDelta,
  stateful: { signals: ['metrics'], create: (settings, host) => new DeltaProcessor(settings, host) },
});
