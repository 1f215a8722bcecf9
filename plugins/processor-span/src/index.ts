import { defineProcessor } from '@millrace/api';
import type { SpanView } from '@millrace/otlp';
import { Selection, SpanRule } from '@millrace/rules';
import { checkSpan } from './check-span.ts';
import { NameFromAttributes } from './name-from-attributes.ts';
import { NameToAttributes } from './name-to-attributes.ts';
import { type SpanSettings, spanSettings, STATUS_CODES } from './span-settings.ts';

/** Names spans from attributes and attributes from names, and sets the status. */
export default defineProcessor({
  type: 'span',
  summary: 'Names spans from attributes, takes attributes out of names, and sets the status.',
  stability: 'beta',
  config: spanSettings,
  examples: [
    {
      title: 'Name spans by service and operation',
      yaml: 'span: { name: { from_attributes: [db.svc, operation], separator: "::" } }',
    },
    {
      title: 'Take ids out of names',
      yaml: [
        'span/to_attributes:',
        '  name:',
        '    to_attributes:',
        '      rules: ["^/api/v1/document/(?P<documentId>.*)/update$"]',
        '      break_after_match: true',
      ].join('\n'),
    },
    {
      title: 'Say that spans of the health check are fine',
      yaml: [
        'span/healthy:',
        '  include: { match_type: strict, span_names: [GET /healthz] }',
        '  status: { code: Ok }',
      ].join('\n'),
    },
  ],
  check: checkSpan,
  create: (settings) => {
    const { include, exclude } = settings;
    const selection = new Selection(include && new SpanRule(include), exclude && new SpanRule(exclude));
    const change = changeOf(settings);
    return {
      traces: (batch) => {
        for (const resource of batch.resources) {
          if (!selection.enterResource(resource.attributes)) continue;
          for (const scope of resource.scopes) {
            if (!selection.enterScope(scope)) continue;
            for (const span of scope.spans) if (selection.selects(span)) change(span);
          }
        }
      },
    };
  },
});

/** All changes, in the Collector's order. */
function changeOf({ name, status }: SpanSettings): (span: SpanView) => void {
  const { from_attributes, separator, to_attributes } = name;
  const from = from_attributes.length === 0 ? undefined : new NameFromAttributes(from_attributes, separator);
  const to = to_attributes === undefined ? undefined : new NameToAttributes(to_attributes);
  const code = status === undefined ? -1 : STATUS_CODES.indexOf(status.code);
  const description = status?.description ?? '';
  return (span) => {
    from?.apply(span);
    to?.apply(span);
    if (code < 0) return;
    if (span.statusCode !== code) span.statusCode = code;
    if (span.statusMessage !== description) span.statusMessage = description;
  };
}
