import { defineProcessor } from '@millrace/api';
import { checkDedup } from './check-dedup.ts';
import { asksForSender } from './compile-eligibility.ts';
import { dedupSettings } from './dedup-settings.ts';
import { Deduplicator } from './deduplicator.ts';
import { PartitionedDeduplicator } from './partitioned-deduplicator.ts';

/** Counts equal log records instead of repeating them. */
export default defineProcessor({
  type: 'log_dedup',
  aliases: ['logdedup'],
  summary: 'Passes one of equal log records on, with how many there were in an interval.',
  stability: 'beta',
  config: dedupSettings,
  examples: [
    { title: 'Defaults', yaml: 'log_dedup:' },
    {
      title: 'A minute, in local time, without what differs in every record',
      yaml: [
        'log_dedup/minute:',
        '  interval: 60s',
        '  log_count_attribute: dedup_count',
        '  timezone: America/Los_Angeles',
        '  exclude_fields: [body.timestamp, attributes.host\\.name, attributes.src.ip]',
      ].join('\n'),
    },
    {
      title: 'Only some records, equal by their ids, for each tenant',
      yaml: [
        'log_dedup/ids:',
        '  conditions: [\'log.severity_number < SEVERITY_NUMBER_WARN\', \'resource.attributes["service.name"] == "noisy"\']',
        '  include_fields: [attributes.id, body.request.id]',
        '  metadata_keys: [x-tenant]',
        '  metadata_cardinality_limit: 100',
      ].join('\n'),
    },
  ],
  check: checkDedup,
  usesContext: ({ metadata_keys, conditions }) => metadata_keys.length > 0 || asksForSender(conditions),
  stateful: {
    signals: ['logs'],
    create: (settings, host) =>
      settings.metadata_keys.length === 0
        ? new Deduplicator(settings, host)
        : new PartitionedDeduplicator(settings, host),
  },
});
