import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: [
    'redaction/all: { allow_all_keys: true }',
    'redaction/nothing: { allow_all_keys: true, blocked_values: ["no such value \\\\d"], blocked_key_patterns: ["^no\\\\.such"] }',
    'redaction/allowed: { allow_all_keys: true, allowed_values: [""], blocked_values: ["."], redact_all_types: true }',
    'redaction/ignored: { ignored_key_patterns: [""], blocked_key_patterns: ["."] }',
  ],
});
