import type { SpanView } from '@millrace/otlp';
import { defineFunction } from '../../function/define-function.ts';
import * as p from '../../function/parameters.ts';
import { semanticName } from './semantic-name.ts';

/** The versions of the semantic conventions, 1.x, by their second number. */
const OLDEST = 37;
const NEWEST = 43;

function request(name: string, attributes: Readonly<Record<string, string>>): { readonly otlp: object } {
  const listed = Object.entries(attributes).map(([key, value]) => ({ key, value: { stringValue: value } }));
  return { otlp: { resourceSpans: [{ scopeSpans: [{ spans: [{ name, kind: 2, attributes: listed }] }] }] } };
}

const HTTP = { 'http.request.method': 'GET', 'http.route': '/users/{id}' };

export const setSemconvSpanName = defineFunction({
  name: 'set_semconv_span_name',
  kind: 'editor',
  summary:
    'Names a span as the semantic conventions for HTTP, RPC, databases and messaging say, from its kind and attributes.',
  details:
    'So names have few values, whatever the instrumentation wrote. Older names of the attributes are known, too. ' +
    '`semconvVersion` is from 1.37.0 to 1.43.0. A name that is replaced is kept in `originalSpanNameAttribute`, when given.',
  params: { semconvVersion: p.literalString, originalSpanNameAttribute: p.optional(p.literalString) },
  contexts: ['span'],
  examples: [
    {
      code: 'set_semconv_span_name("1.43.0")',
      context: 'span',
      given: request('GET /users/123', HTTP),
      after: request('GET /users/{id}', HTTP),
    },
    {
      code: 'set_semconv_span_name("1.37.0", "original_name")',
      context: 'span',
      given: request('/users/123', { 'http.method': 'GET' }),
      after: request('GET', { 'http.method': 'GET', original_name: '/users/123' }),
    },
    {
      title: 'nothing is known of it',
      code: 'set_semconv_span_name("1.43.0")',
      context: 'span',
      given: request('work', {}),
      after: request('work', {}),
    },
    { code: 'set_semconv_span_name("1.36.0")', context: 'span', invalid: 'from 1.37.0 to 1.43.0, not "1.36.0"' },
    { code: 'set_semconv_span_name("1.43.0", "")', context: 'span', invalid: 'must not be empty' },
  ],
  make: ({ semconvVersion, originalSpanNameAttribute }) => {
    const minor = /^v?1\.(\d+)(?:\.\d+)?$/.exec(semconvVersion)?.[1];
    if (minor === undefined || Number(minor) < OLDEST || Number(minor) > NEWEST)
      throw new Error(`semconvVersion must be from 1.${OLDEST}.0 to 1.${NEWEST}.0, not "${semconvVersion}"`);
    if (originalSpanNameAttribute === '') throw new Error('originalSpanNameAttribute must not be empty');
    return (frame) => {
      const span = frame.view as SpanView;
      const before = span.name;
      const name = semanticName(span);
      if (name === undefined || name === before) return;
      span.name = name;
      if (originalSpanNameAttribute !== undefined) span.attributes.set(originalSpanNameAttribute, before);
    };
  },
});
