import { defineProcessor } from '@millrace/api';
import { checkRedaction } from './check-redaction.ts';
import { redactionSettings } from './redaction-settings.ts';
import { Redactor } from './redactor.ts';

/** Removes or masks attributes that are not allowed to pass. */
export default defineProcessor({
  type: 'redaction',
  summary: 'Removes attributes that are not allowed, and masks values that must not pass.',
  stability: 'beta',
  config: redactionSettings,
  examples: [
    {
      title: 'Keep only what is known to be harmless',
      yaml: [
        'redaction:',
        '  allowed_keys: [description, group, id, name]',
        '  ignored_keys: [safe_attribute]',
        '  blocked_values:',
        '    - "4[0-9]{12}(?:[0-9]{3})?" # Visa',
        '    - "(5[1-5][0-9]{14})" # MasterCard',
        '  summary: debug',
      ].join('\n'),
    },
    {
      title: 'Mask secrets and mail addresses, but those of the company',
      yaml: [
        'redaction/secrets:',
        '  allow_all_keys: true',
        '  redact_all_types: true',
        '  blocked_key_patterns: [".*token.*", ".*api_key.*"]',
        '  blocked_values: ["[a-z0-9.]+@[a-z0-9.]+"]',
        '  allowed_values: [".+@mycompany.com"]',
        '  summary: info',
      ].join('\n'),
    },
    {
      title: 'Replace user ids by hashes that only you can make',
      yaml: [
        'redaction/hashed:',
        '  allow_all_keys: true',
        '  blocked_key_patterns: ["^user\\\\.id$"]',
        '  hash_function: hmac-sha256',
        '  hmac_key: ${env:REDACTION_KEY:-0123456789abcdef0123456789abcdef}',
      ].join('\n'),
    },
    {
      title: 'Take ids out of URLs, and literals out of SQL and Redis commands',
      yaml: [
        'redaction/sanitized:',
        '  allow_all_keys: true',
        '  url_sanitizer: { enabled: true, attributes: [http.url, url.full] }',
        '  db_sanitizer:',
        '    sql: { enabled: true, attributes: [db.statement, db.query.text] }',
        '    redis: { enabled: true, attributes: [db.statement] }',
      ].join('\n'),
    },
  ],
  check: checkRedaction,
  create: (settings) => {
    const redactor = new Redactor(settings);
    return {
      logs: (batch) => redactor.logs(batch),
      traces: (batch) => redactor.traces(batch),
      metrics: (batch) => redactor.metrics(batch),
    };
  },
});
