import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: [
    'span/from: { name: { from_attributes: [no.such.attribute, id] } }',
    'span/to: { name: { to_attributes: { rules: ["^no such (?P<name>.*)"] } } }',
    'span/none: { include: { match_type: strict, span_names: [no such name] }, status: { code: Error, description: x } }',
  ],
});
