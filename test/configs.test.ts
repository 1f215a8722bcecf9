/** Every configuration that comes with the project boots, takes what the official SDK sends, and stops cleanly. */
import { execSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { launchCollector, type Millrace, REPOSITORY, runMillrace, startCollector } from './harness/millrace.ts';
import { PROTOCOLS, sendWithSdk } from './harness/sdk-sender.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const FOLDER = join(REPOSITORY, 'configs');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));

interface Shape {
  readonly receivers?: Readonly<Record<string, { protocols?: Record<string, unknown> } | null>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly service: { readonly pipelines: Readonly<Record<string, { receivers?: string[] }>> };
}

test('there are configurations', () => {
  expect(FILES).toContain('quickstart.yaml');
});

test.each(FILES)('%s boots, is fed, and stops with exit code 0', async (file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const cwd = temporaryFolder();
  // The keys that it says how to make.
  for (const [, key = ''] of text.matchAll(/millrace keygen (\S+)/g)) {
    expect(await runMillrace(['keygen', key], { cwd })).toMatchObject({ code: 0 });
  }
  for (const [, command = ''] of text.matchAll(/^# {3}(openssl .*)$/gm)) {
    mkdirSync(join(cwd, 'data'), { recursive: true });
    execSync(command, { cwd, stdio: 'pipe' });
  }
  writeFileSync(join(cwd, 'free-ports.yaml'), JSON.stringify(freePorts(parse(text, { merge: true }) as Shape)));
  const args = ['--config', join(FOLDER, file), '--config', 'free-ports.yaml'];
  const env: Record<string, string> = text.includes('${env:GATEWAY') ? { GATEWAY: (await gateway()).grpc() } : {};
  const collector = await launchCollector('{}', { cwd, threads: 1, args, env }).ready();

  const signals = new Set(
    Object.entries((parse(text, { merge: true }) as Shape).service.pipelines)
      .filter(([, { receivers = [] }]) => receivers.includes('otlp'))
      .map(([id]) => id.split('/')[0] as 'logs' | 'traces' | 'metrics'),
  );
  for (const protocol of PROTOCOLS) {
    const [http, grpc] = [collector.receiverHttp(), collector.grpc()];
    const sent = await sendWithSdk({ protocol, gzip: true, http, grpc, signals });
    const scraped = await collector.scrape();
    const transport = protocol === 'grpc' ? 'grpc' : 'http';
    for (const [signal, name] of [
      ['logs', 'log_records'],
      ['traces', 'spans'],
      ['metrics', 'metric_points'],
    ] as const) {
      if (!signals.has(signal)) continue;
      const taken = scraped.sum(`otelcol_receiver_accepted_${name}`, { receiver: 'otlp', transport });
      expect(taken).toBeGreaterThanOrEqual(sent[signal].length);
      expect(sent[signal].length).toBeGreaterThan(0);
    }
  }
  expect(collector.log.entries.filter(({ level }) => level === 'error')).toEqual([]);
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
  await collector.logged(/^stopped, (everything was delivered|\d+ items? kept on disk)/);
  // In a pipe, the collector's own output is JSON lines and nothing else.
  expect(collector.stdout.entries).toEqual([]);
  expect(collector.stderr.entries.filter((line) => !line.startsWith('{'))).toEqual([]);
});

/** Where configurations forward to that keep nothing on disk. */
function gateway(): Promise<Millrace> {
  const through = '{ receivers: [otlp], exporters: [nop] }';
  return startCollector(`
receivers: { otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 } } } }
exporters: { nop: }
service: { pipelines: { logs: ${through}, traces: ${through}, metrics: ${through} } }
`);
}

/** What makes every server of a configuration listen on a free port, and the metrics be served there. */
function freePorts({ receivers = {}, extensions = {} }: Shape): object {
  const free = { endpoint: '127.0.0.1:0' };
  return {
    service: { telemetry: { metrics: { level: 'normal' } } },
    receivers: Object.fromEntries(
      Object.entries(receivers)
        .filter(([id]) => id.split('/')[0] === 'otlp')
        .map(([id, config]) => {
          const protocols = Object.keys(config?.protocols ?? {}).map((protocol) => [protocol, free]);
          return [id, { protocols: Object.fromEntries(protocols) as object }];
        }),
    ),
    extensions: Object.fromEntries(
      Object.keys(extensions)
        .filter((id) => id.split('/')[0] === 'health_check')
        .map((id) => [id, free]),
    ),
  };
}

test("the README's pipeline and its plugin load as they stand there", async () => {
  const cwd = temporaryFolder();
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
  const block = (language: string, first: string) =>
    [...readme.matchAll(/```(\w+)\n([\s\S]*?)```/g)].find(
      ([, kind, text]) => kind === language && text?.startsWith(first),
    )?.[2] ?? '';
  writeFileSync(join(cwd, 'pipeline.yaml'), block('yaml', '# pipeline.yaml'));
  writeFileSync(join(cwd, 'errors-only.ts'), block('ts', '// errors-only.ts'));
  writeFileSync(join(cwd, 'plugin.yaml'), block('yaml', 'plugins:'));
  const uses = 'service.pipelines.logs.processors=[memory_limiter, errors_only, batch]';
  const args = ['graph', '--config', 'pipeline.yaml', '--config', 'plugin.yaml', '--set', uses];
  const { code, stdout, stderr } = await runMillrace(args, { cwd });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^logs {2}at least once: sealed to disk before it is acknowledged$/m);
  expect(stdout).toContain('errors_only');
});
