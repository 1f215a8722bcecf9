/** TLS between two collectors with certificates on both sides, and what health_check says while something fails. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Destination, directly } from './harness/destination.ts';
import { eventually } from './harness/eventually.ts';
import { type Millrace, startCollector } from './harness/millrace.ts';
import { ensurePrograms, INSTALL_TIMEOUT_MS } from './harness/programs.ts';
import { idList, idsOf, logsJson, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

describe('tls', () => {
  let certificates: string;
  const file = (name: string) => join(certificates, name);

  beforeAll(() => {
    ensurePrograms('openssl');
    certificates = temporaryFolder('file');
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe', cwd: certificates });
    openssl('req', '-x509', ...key, '-days', '2', '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.crt');
    writeFileSync(file('san.txt'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
    for (const name of ['server', 'client']) {
      openssl('req', '-new', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      const signer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'san.txt'];
      openssl('x509', '-req', '-in', `${name}.csr`, '-days', '2', ...signer, '-out', `${name}.crt`);
    }
  }, INSTALL_TIMEOUT_MS);

  test.each(['grpc', 'http'])(
    'over %s, with certificates on both sides, data arrives; without one it does not',
    async (protocol) => {
      const destination = await Destination.start();
      const server = `cert_file: ${file('server.crt')}, key_file: ${file('server.key')}, client_ca_file: ${file('ca.crt')}`;
      const second = await startCollector(`
receivers:
  otlp: { protocols: { ${protocol}: { endpoint: 127.0.0.1:0, tls: { ${server} } } } }
exporters: { otlphttp: ${directly(destination)} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
      const place = second.places.find((each) => each.startsWith(`${protocol}s://`)) ?? '';
      const endpoint = protocol === 'grpc' ? place.slice('grpcs://'.length) : place;
      const exporter = protocol === 'grpc' ? 'otlp' : 'otlphttp';
      const failFast = 'sending_queue: { enabled: false }, retry_on_failure: { enabled: false }';
      const first = async (tls: string): Promise<Millrace> =>
        startCollector(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { ${exporter}: { endpoint: "${endpoint}", tls: ${tls}, ${failFast} } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [${exporter}] } } }
`);
      const known = await first(
        `{ ca_file: ${file('ca.crt')}, cert_file: ${file('client.crt')}, key_file: ${file('client.key')} }`,
      );
      const unknown = await first(`{ ca_file: ${file('ca.crt')} }`);
      const trusting = await first(`{ cert_file: ${file('client.crt')}, key_file: ${file('client.key')} }`);
      const send = async (collector: Millrace, id: string) => postLogs(collector.http(), [id]);
      expect((await send(unknown, 'without-certificate')).status).toBe(503);
      expect((await send(trusting, 'unknown-authority')).status).toBe(503);
      expect((await send(known, 'with-certificate')).status).toBe(200);
      expect(idsOf(destination.items.entries)).toEqual(['with-certificate']);
    },
  );

  test('HTTPS is served to a client of another make', async () => {
    const destination = await Destination.start();
    const collector = await startCollector(`
receivers:
  otlp:
    protocols:
      http: { endpoint: 127.0.0.1:0, tls: { cert_file: ${file('server.crt')}, key_file: ${file('server.key')} } }
exporters: { otlphttp: ${directly(destination)} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`);
    const place = collector.places.find((each) => each.startsWith('https://')) ?? '';
    const status = await new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        ca: readFileSync(file('ca.crt')),
        headers: { 'content-type': 'application/json' },
      };
      const call = request(`${place}/v1/logs`, { ...options, agent: false }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      });
      call.on('error', reject);
      call.end(logsJson(['https']));
    });
    expect(status).toBe(200);
    expect(idsOf(destination.items.entries)).toEqual(['https']);
  });
});

test('health_check: ready, each component, and which one fails while the others go on', async () => {
  const destination = await Destination.start();
  const broken = await Destination.start();
  broken.answer = { status: 503 };
  const collector = await startCollector(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters:
  otlphttp: ${directly(destination)}
  otlphttp/broken: { endpoint: "${broken.url}", encoding: json, retry_on_failure: { initial_interval: 20ms, max_interval: 50ms } }
extensions: { health_check: { endpoint: 127.0.0.1:0 } }
service:
  extensions: [health_check]
  pipelines: { logs: { receivers: [otlp], exporters: [otlphttp, otlphttp/broken] } }
`);
  const health = collector.http(0).replace(/\/$/, '');
  for (const path of ['/', '/healthz', '/ready', '/health']) {
    expect([path, (await fetch(health + path)).status]).toEqual([path, 200]);
  }
  const ids = idList('health', 3);
  for (const id of ids) expect((await postLogs(collector.receiverHttp(), [id])).status).toBe(200);
  expect(idsOf(destination.items.entries)).toEqual(ids);

  const textOf = async () => (await fetch(`${health}/health`)).text();
  const failing = await eventually('the failing exporter', async () => {
    const text = await textOf();
    return text.includes('recoverable_error') ? text : undefined;
  });
  expect(failing).toContain('otlphttp/broken');
  expect((await fetch(`${health}/healthz`)).status).toBe(200);
  broken.answer = { status: 200 };
  await broken.items.findAll(3, () => true);
  await eventually('recovery', async () => ((await textOf()).includes('recoverable_error') ? undefined : true));
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
});
