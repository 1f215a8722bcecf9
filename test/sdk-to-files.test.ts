/**
 * The official SDK over every protocol into a collector that writes sealed files and passes everything on to a second
 * one, by every protocol: the same items everywhere, and counted on the way.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { type Millrace, startCollector } from './harness/millrace.ts';
import { inOrder, type Item, itemsOfLines } from './harness/otlp-items.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS, pipeThrough } from './harness/programs.ts';
import { promtoolComplaints } from './harness/prometheus.ts';
import { PROTOCOLS, type Protocol, type Sent, sendWithSdk } from './harness/sdk-sender.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

beforeAll(() => ensurePrograms('age', 'zstd', 'lz4', 'promtool'), INSTALL_TIMEOUT_MS);

const PIPELINES = ['logs', 'traces', 'metrics'] as const;

test.each(PROTOCOLS.flatMap((protocol) => [false, true].map((gzip) => ({ protocol, gzip }))))(
  'SDK over $protocol, gzip: $gzip: sealed files and a second collector hold every item, and the metrics count them',
  async ({ protocol, gzip }) => {
    const folder = temporaryFolder();
    const { recipient, keyFile } = makeKey(folder);
    const second = await startCollector(secondCollector(), { threads: 1 });
    const first = await startCollector(firstCollector(recipient, second), { threads: 1 });

    const sent = await sendWithSdk({ protocol, gzip, http: first.http(), grpc: first.grpc() });
    await expectCounted(first, sent, protocol);

    expect(await first.stop()).toEqual({ code: 0, signal: null });
    expect(await second.stop()).toEqual({ code: 0, signal: null });
    const all = inOrder([...sent.logs, ...sent.traces, ...sent.metrics]);
    const decrypted = (name: string) => pipeThrough('age', ['-d', '-i', keyFile, join(first.cwd, name)]);
    const zstd = pipeThrough('zstd', ['-d', '-c'], decrypted('out.jsonl.zst.age'));
    const lz4 = pipeThrough('lz4', ['-d', '-c'], decrypted('out.jsonl.lz4.age'));
    const found: Record<string, readonly Item[]> = { zstd: linesOf(zstd), lz4: linesOf(lz4) };
    for (const route of ['grpc', 'proto', 'json'])
      found[route] = linesOf(readFileSync(join(second.cwd, `${route}.jsonl`)));
    expect(found).toEqual({ zstd: all, lz4: all, grpc: all, proto: all, json: all });
  },
);

function linesOf(file: Buffer): readonly Item[] {
  return inOrder(itemsOfLines(file.toString()));
}

/** A key pair made by age's own program. */
function makeKey(folder: string): { readonly recipient: string; readonly keyFile: string } {
  const keyFile = join(folder, 'key.txt');
  pipeThrough('age-keygen', ['-o', keyFile]);
  return { keyFile, recipient: pipeThrough('age-keygen', ['-y', keyFile]).toString().trim() };
}

function firstCollector(recipient: string, second: Millrace): string {
  const exporters = '[file/zstd, file/lz4, otlp, otlphttp/proto, otlphttp/json]';
  return `
receivers:
  otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 }, http: { endpoint: 127.0.0.1:0 } } }
exporters:
  file/zstd: { path: out.jsonl.zst.age, compression: zstd, encryption: { recipients: [${recipient}] } }
  file/lz4: { path: out.jsonl.lz4.age, compression: lz4, encryption: { recipients: [${recipient}] } }
  otlp: { endpoint: "${second.grpc()}", tls: { insecure: true } }
  otlphttp/proto: { endpoint: "${second.http(0)}" }
  otlphttp/json: { endpoint: "${second.http(1)}", encoding: json }
service:
  pipelines:
${PIPELINES.map((signal) => `    ${signal}: { receivers: [otlp], exporters: ${exporters} }`).join('\n')}
`;
}

function secondCollector(): string {
  const routes = ['grpc', 'proto', 'json'];
  const pipelines = routes.flatMap((route) =>
    PIPELINES.map((signal) => `    ${signal}/${route}: { receivers: [otlp/${route}], exporters: [file/${route}] }`),
  );
  return `
receivers:
  otlp/grpc: { protocols: { grpc: { endpoint: 127.0.0.1:0 } } }
  otlp/proto: { protocols: { http: { endpoint: 127.0.0.1:0 } } }
  otlp/json: { protocols: { http: { endpoint: 127.0.0.1:0 } } }
exporters:
${routes.map((route) => `  file/${route}: { path: ${route}.jsonl }`).join('\n')}
service:
  pipelines:
${pipelines.join('\n')}
`;
}

async function expectCounted(collector: Millrace, sent: Sent, protocol: Protocol): Promise<void> {
  const names = { logs: 'log_records', traces: 'spans', metrics: 'metric_points' };
  const exporters = ['file/zstd', 'file/lz4', 'otlp', 'otlphttp/proto', 'otlphttp/json'];
  for (const signal of PIPELINES) {
    for (const exporter of exporters) {
      const { length } = sent[signal];
      await collector.metric(`otelcol_exporter_sent_${names[signal]}`, { exporter }, (value) => value === length);
    }
  }
  const scraped = await collector.scrape();
  expect(promtoolComplaints(scraped.text)).toEqual([]);
  const transport = protocol === 'grpc' ? 'grpc' : 'http';
  for (const signal of PIPELINES) {
    const accepted = scraped.samples(`otelcol_receiver_accepted_${names[signal]}`);
    expect(accepted.map(({ labels, value }) => ({ ...labels, value }))).toEqual([
      expect.objectContaining({ receiver: 'otlp', transport, value: sent[signal].length }),
    ]);
    expect(scraped.sum(`otelcol_receiver_refused_${names[signal]}`)).toBe(0);
    expect(scraped.sum(`otelcol_exporter_send_failed_${names[signal]}`)).toBe(0);
    expect(scraped.sum(`otelcol_exporter_enqueue_failed_${names[signal]}`)).toBe(0);
    for (const exporter of ['otlp', 'otlphttp/proto', 'otlphttp/json']) {
      expect(scraped.sum('otelcol_exporter_queue_size', { exporter, data_type: signal })).toBe(0);
      expect(scraped.sum('otelcol_exporter_queue_capacity', { exporter, data_type: signal })).toBe(1000);
    }
  }
  expect(scraped.sum('otelcol_process_uptime')).toBeGreaterThan(0);
  expect(scraped.sum('otelcol_process_memory_rss')).toBeGreaterThan(1_000_000);
  expect(scraped.sum('otelcol_process_cpu_seconds')).toBeGreaterThan(0);
}
