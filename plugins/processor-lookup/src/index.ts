import { defineProcessor } from '@millrace/api';
import { checkLookup } from './check-lookup.ts';
import { LookupProcessor } from './lookup-processor.ts';
import { lookupSettings } from './lookup-settings.ts';
import { SIGNALS } from './open-items.ts';

/** Writes into telemetry what tables, servers and databases know of values in it. */
export default defineProcessor({
  type: 'lookup',
  summary: 'Looks values of telemetry up in tables, servers and databases, and writes what it finds into attributes.',
  stability: 'beta',
  config: lookupSettings,
  examples: [
    {
      title: 'From a table in the configuration',
      yaml: [
        'lookup:',
        '  source:',
        '    type: inline',
        '    table:',
        '      shop: { team: storefront, tier: 1 }',
        '      agent: { team: assistants, tier: 2 }',
        '  lookups:',
        '    - key: resource.attributes["service.name"]',
        '      context: resource',
        '      attributes:',
        '        - { source: team, destination: service.owner, default: unknown }',
        '        - { source: tier, destination: service.tier }',
      ].join('\n'),
    },
    {
      title: 'From a server, with a cache in three tiers',
      yaml: [
        'lookup/users:',
        '  source:',
        '    type: http',
        '    url: http://localhost:9/users/{key}?fields=name,plan',
        '    headers: { authorization: Bearer token }',
        '    timeout: 500ms',
        '    cache:',
        '      ttl: 10m',
        '      stale_while_revalidate: 1h',
        '      compressed_max_bytes: 67108864',
        '      disk: { directory: data/lookup }',
        '  lookups:',
        '    - key: attributes["user.id"]',
        '      prefix: user.',
        '      overwrite: false',
        '      on_miss: tag',
        '      tag: user.unknown',
      ].join('\n'),
    },
    {
      title: 'Names of addresses',
      yaml: [
        'lookup/dns:',
        '  source: { type: dns, timeout: 1s }',
        '  lookups:',
        '    - key: attributes["client.address"]',
        '      attributes: [{ destination: client.hostname }]',
      ].join('\n'),
    },
  ],
  check: checkLookup,
  stateful: { signals: SIGNALS, create: (config, host) => new LookupProcessor(config, host) },
});
