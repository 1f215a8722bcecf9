import { defineProcessor } from '@millrace/api';
import { checkScript } from './check-script.ts';
import { scriptSettings } from './script-settings.ts';
import { scriptTransform } from './script-step.ts';

/** Runs TypeScript of the configuration on telemetry. It is trusted like the collector itself: no security boundary. */
export default defineProcessor({
  type: 'script',
  summary: 'Runs TypeScript of your own, trusted as the collector itself (no security boundary), on items or batches.',
  stability: 'beta',
  config: scriptSettings,
  examples: [
    {
      title: 'Drop what is below a warning, and note how long messages are',
      yaml: [
        'script:',
        '  code: |',
        "    import type { LogRecordView } from '@millrace/otlp';",
        '',
        '    export function log(record: LogRecordView) {',
        '      if (record.severityNumber < 13) return false;',
        "      if (typeof record.body === 'string') record.attributes.set('body.length', record.body.length);",
        '    }',
      ].join('\n'),
    },
    {
      title: 'A few words for each signal',
      yaml: [
        'script/short:',
        '  log: if (record.severityNumber < 9) return false',
        "  span: span.name = span.name.replace(/\\d+/g, '{id}')",
        "  point: if (point.metric.name.startsWith('debug.')) return false",
        '  error_mode: propagate',
        '  deadline: 250ms',
      ].join('\n'),
    },
    {
      title: 'Whole batches: move a tenant to the resource when all spans agree',
      yaml: [
        'script/batch:',
        '  code: |',
        '    function traces(batch) {',
        '      for (const resource of batch.resources) {',
        '        const tenants = new Set<string | undefined>();',
        '        for (const scope of resource.scopes)',
        "          for (const span of scope.spans) tenants.add(span.attributes.getString('tenant'));",
        '        const [tenant] = tenants;',
        "        if (tenants.size === 1 && tenant !== undefined) resource.attributes.set('tenant', tenant);",
        '      }',
        '    }',
      ].join('\n'),
    },
  ],
  check: checkScript,
  create: scriptTransform,
});
