import type { SpanView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';

export const isRootSpan = defineFunction({
  name: 'IsRootSpan',
  kind: 'converter',
  summary: 'Whether the span has no parent.',
  params: {},
  contexts: ['span'],
  returns: 'bool',
  pure: false,
  examples: [
    { code: 'IsRootSpan()', context: 'span', given: { otlp: spanWithParent('') }, result: true },
    { code: 'IsRootSpan()', context: 'span', given: { otlp: spanWithParent('0000000000000000') }, result: true },
    { code: 'IsRootSpan()', context: 'span', given: { otlp: spanWithParent('0102030405060708') }, result: false },
    { code: 'IsRootSpan()', invalid: 'IsRootSpan cannot be used in the context log' },
  ],
  make: () => (frame) => /^0*$/.test((frame.view as SpanView).parentSpanId),
});

function spanWithParent(parentSpanId: string): object {
  return { resourceSpans: [{ scopeSpans: [{ spans: [{ name: 'a', parentSpanId }] }] }] };
}
