import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './load-config.ts';
import { FakeRegistry } from './testing/fake-registry.ts';

const cwd = path.join(import.meta.dirname, 'testing/examples');

describe('configurations in the style of the Collector', () => {
  test('an agent', async () => {
    const env = { GATEWAY_USER: 'agent', GATEWAY_PASSWORD: 'pa$$word: #1', HOSTNAME: '007' };
    const { config, warnings, secrets } = await loadConfig(['agent.yaml'], { registry: new FakeRegistry(), cwd, env });
    expect(warnings).toEqual([]);
    expect(config.receivers.get('filelog')?.config).toEqual({
      include: ['/var/log/syslog', '/var/log/app/*.log'],
      start_at: 'beginning',
      poll_interval: 500,
      max_log_size: 2_097_152,
      storage: 'file_storage',
    });
    expect(config.processors.get('attributes/host')?.config).toEqual({
      actions: [
        { key: 'host.name', action: 'upsert', value: 7 },
        { key: 'build', action: 'insert', value: 83 },
        { key: 'token', action: 'delete' },
      ],
    });
    expect(config.exporters.get('otlp_http')?.config).toMatchObject({
      headers: { 'x-tenant': '0042' },
      tls: { insecure: false, ca_file: '/etc/ssl/ca.pem' },
      sending_queue: { enabled: true, storage: 'file_storage', queue_size: 5000 },
      retry_on_failure: { max_elapsed_time: 0, initial_interval: 5000 },
    });
    // As in the Collector, `$$` in a variable is one dollar sign.
    expect(config.extensions.get('basicauth/gateway')?.config).toEqual({
      client_auth: { username: 'agent', password: 'pa$word: #1' },
    });
    expect([...secrets].toSorted()).toEqual(['0042', 'pa$word: #1']);
    expect(config.service.telemetry).toEqual({
      metrics: { host: '0.0.0.0', port: 8888 },
      logs: { level: 'warn', encoding: 'json', initialFields: {} },
      resource: { 'service.name': 'agent' },
      resourceRemoved: ['service.instance.id'],
    });
    expect(config.service.extensions).toEqual(['health_check', 'file_storage', 'basicauth/gateway']);
  });

  test('a gateway', async () => {
    const { config, warnings } = await loadConfig(['gateway.yaml'], { registry: new FakeRegistry(), cwd, env: {} });
    expect(warnings).toEqual([]);
    expect(config.processors.get('batch/small')?.config).toMatchObject({ timeout: 5000, send_batch_size: 100 });
    expect(config.exporters.get('otlphttp/us')?.config).toMatchObject({
      timeout: 90_000,
      sending_queue: { enabled: false, num_consumers: 10 },
    });
    expect([...config.pipelines.values()].map(({ id, priority }) => `${id} ${priority}`)).toEqual([
      'traces/in high',
      'traces/eu normal',
      'traces/us normal',
      'metrics normal',
    ]);
    expect(config.service).toMatchObject({
      workers: { threads: 2, heapMb: 512, deadlineMs: 30_000 },
      shutdownTimeoutMs: 60_000,
      bytesInFlightMax: 536_870_912,
    });
  });

  test('a change laid over a base', async () => {
    const sets = ['service.pipelines.traces/us=', 'exporters.otlphttp/eu.headers.authorization=${env:TOKEN}'];
    const erase = 'yaml:{exporters: {debug/verbose: {verbosity: basic}}, receivers: {otlp: {protocols: {grpc: null}}}}';
    const load = loadConfig(['gateway.yaml', erase], {
      registry: new FakeRegistry(),
      cwd,
      env: { TOKEN: '0123' },
      sets,
    });
    // An erased pipeline is an empty one, which the Collector refuses as well.
    await expect(load).rejects.toThrow('--set service.pipelines.traces/us:1:1  service.pipelines.traces/us.receivers');
    const fine = await loadConfig(['gateway.yaml', erase], {
      registry: new FakeRegistry(),
      cwd,
      env: { TOKEN: '0123' },
      sets: sets.slice(1),
    });
    expect(fine.config.receivers.get('otlp')?.config).toEqual({
      protocols: { grpc: { endpoint: 'localhost:4317', max_recv_msg_size_mib: 4 } },
    });
    expect(fine.config.exporters.get('otlphttp/eu')?.config).toMatchObject({ headers: { authorization: '0123' } });
  });
});
