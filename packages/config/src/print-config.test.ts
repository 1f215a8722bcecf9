import { describe, expect, test } from 'vitest';
import { loadConfig } from './load-config.ts';
import { printConfig } from './print-config.ts';
import { settingsFor, type TextSettings } from './testing/load-text.ts';

const print = (text: string, settings: TextSettings & { defaults?: boolean } = {}): Promise<string> =>
  printConfig(['c.yaml'], {
    ...settingsFor({ ...settings, files: { ...settings.files, '/etc/millrace/c.yaml': text } }),
    ...(settings.defaults === undefined ? {} : { defaults: settings.defaults }),
  });

describe('printConfig', () => {
  test('prints what sources, references and overrides make together', async () => {
    const files = {
      '/etc/millrace/c.yaml':
        'exporters:\n  debug:\n  file: { path: "${env:P}/$$x", ratio: 1 }\nreceivers: ${file:r.yaml}\n',
      '/etc/millrace/r.yaml': 'demo:\n',
    };
    const settings = {
      ...settingsFor({ files }),
      env: { P: '0123' },
      sets: ['exporters.debug.verbosity=normal', 'exporters.file.path=yes'],
    };
    expect(await printConfig(['c.yaml', 'yaml:exporters::file::ratio: 0.5'], settings)).toBe(`exporters:
  debug:
    verbosity: normal
  file:
    path: "yes"
    ratio: 0.5
receivers:
  demo:
`);
    const { sets: _, ...without } = settings;
    expect(await printConfig(['c.yaml'], without)).toContain('path: 0123/$$x\n');
  });

  test('prints defaults as people write them', async () => {
    expect(await print('processors:\n  batch:\n  memory_limiter: { limit_mib: 5 }\n', { defaults: true })).toBe(
      `processors:
  batch:
    timeout: 200ms
    send_batch_size: 8192
    send_batch_max_size: 0
    metadata_keys: []
  memory_limiter:
    limit_mib: 5
    limit_percentage: 0
service:
  extensions: []
  pipelines: {}
  telemetry:
    metrics:
      level: normal
    logs:
      level: info
      encoding: json
      initial_fields: {}
    traces: {}
  workers:
    heap_mb: 512
    deadline: 10s
  start_timeout: 5m
  shutdown_timeout: 30s
  bytes_in_flight_max: 256MiB
`,
    );
  });

  test('never shows a secret', async () => {
    const text = `
exporters:
  otlphttp:
    endpoint: https://me:hunter2@example.com/x?api_key=q-123456&tenant=7
    headers: { authorization: Bearer abcdef, x-plain: "\${env:PLAIN}", empty: '' }
  unknown_one:
    api_key: k-123456
    nested: [{ password: [p-123456, 5] }, { token_file: /run/token, tokens: { a: t-123456 } }]
    max_tokens: 5
    copy: the key is k-123456!
extensions:
  basicauth: { client_auth: { username: me, password: "\${env:PW}" } }
receivers:
  demo: { dsn: "postgres://u:p@h/db", note: "postgres://u:pw-pw@h/db" }
`;
    const printed = await print(text, { env: { PW: '0123-secret', PLAIN: 'plain' } });
    expect(printed).toBe(`exporters:
  otlphttp:
    endpoint: https://me:[REDACTED]@example.com/x?api_key=[REDACTED]&tenant=7
    headers:
      authorization: "[REDACTED]"
      x-plain: "[REDACTED]"
      empty: ""
  unknown_one:
    api_key: "[REDACTED]"
    nested:
      - password: "[REDACTED]"
      - token_file: /run/token
        tokens:
          a: "[REDACTED]"
    max_tokens: "[REDACTED]"
    copy: the key is [REDACTED]!
extensions:
  basicauth:
    client_auth:
      username: me
      password: "[REDACTED]"
receivers:
  demo:
    dsn: "[REDACTED]"
    note: postgres://u:[REDACTED]@h/db
`);
  });

  test('prints what loads again to the same', async () => {
    const text = `receivers: { demo: , filelog: { include: [0123, "\${A}", "$$\${A}"], poll_interval: 1h } }
exporters: { file: { path: "1_000", keys: [on, 2024-01-01, "null", ~x, "a: b"], free: { n: 12345678901234567890, t: 12:30:45 } } }
service: { pipelines: { logs: { receivers: [demo, filelog], exporters: [file] } } }
`;
    const settings = settingsFor({ files: { '/etc/millrace/c.yaml': text }, env: { A: 'x$y' } });
    const original = await loadConfig(['c.yaml'], settings);
    for (const defaults of [false, true]) {
      const printed = await printConfig(['c.yaml'], { ...settings, defaults });
      const again = await loadConfig([`yaml:${printed}`], settings);
      expect([...again.config.receivers.values()].map(({ config }) => config)).toEqual(
        [...original.config.receivers.values()].map(({ config }) => config),
      );
      expect(again.config.exporters.get('file')?.config).toEqual(original.config.exporters.get('file')?.config);
      expect(again.config.service).toEqual(original.config.service);
    }
  });

  test('refuses what it cannot read', async () => {
    await expect(print('a: [')).rejects.toThrow('c.yaml:1:4');
    await expect(print('a: ${file:nope}')).rejects.toThrow('cannot read the file "nope"');
  });
});
