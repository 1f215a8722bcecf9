import { PluginRegistry } from 'millrace';
import { expect, test } from 'vitest';
import { checkConfig } from './check-config.ts';

const registry = new PluginRegistry();

const PIPELINE = `
receivers: { otlp: { protocols: { grpc: } } }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [otlp], exporters: [debug] } } }
`;

function check(text: string) {
  return checkConfig({ name: 'c.yaml', file: 'c.yaml', text }, registry);
}

test('a configuration without obstacles runs unchanged', async () => {
  expect(await check(PIPELINE)).toEqual({ name: 'c.yaml', obstacles: [], warnings: [] });
});

test.each([
  [
    'a component that is not there',
    PIPELINE.replace('debug:', 'debug: , splunk_hec/2:'),
    'unknown component',
    'exporter splunk_hec',
  ],
  [
    'a key of a component',
    PIPELINE.replace('debug:', 'debug: { colour: red }'),
    'unsupported key',
    'exporters.debug.colour',
  ],
  [
    'a key deep in a named component',
    PIPELINE.replace('{ grpc: }', '{ http: { cors: { nope: 1 } } }').replaceAll('otlp', 'otlp/in'),
    'unsupported key',
    'receivers.otlp.protocols.http.cors.nope',
  ],
  [
    'a key in a list',
    `${PIPELINE}\nprocessors: { attributes/x: { actions: [{ key: a, action: delete, nope: 1 }] } }`,
    'unsupported key',
    'processors.attributes.actions[].nope',
  ],
  ['a section', `${PIPELINE}\nballast: {}`, 'unsupported key', 'ballast'],
  ['a wrong value', PIPELINE.replace('debug:', 'debug: { verbosity: loud }'), 'error', 'exporters.debug: NOT_ALLOWED'],
])('%s is named in the way that all configurations name it', async (_what, text, kind, subject) => {
  const { obstacles } = await check(text);
  expect(obstacles).toMatchObject([{ kind, subject }]);
});

test('variables, files and addresses that are not here are no obstacle', async () => {
  const text = `
receivers:
  otlp:
    protocols:
      http:
        endpoint: \${env:POD_IP}:\${PORT_HTTP}
        tls: { cert_file: /etc/nowhere.crt, key_file: '\${env:KEY_FILE}' }
exporters:
  otlphttp:
    endpoint: https://\${env:BACKEND_HOST}:4318
    headers: { authorization: "\${file:/run/secrets/token}" }
    sending_queue: { num_consumers: '\${env:CONSUMERS}', queue_size: '\${env:DEPTH:-200}' }
    timeout: \${env:SEND_TIMEOUT}
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`;
  expect((await check(text)).obstacles).toEqual([]);
});

test('a default that does not fit is an obstacle', async () => {
  const { obstacles } = await check(PIPELINE.replace('debug:', 'debug: { verbosity: "${env:LEVEL:-loud}" }'));
  expect(obstacles).toMatchObject([{ kind: 'error', subject: 'exporters.debug: NOT_ALLOWED' }]);
});

test('accepted keys without effect are noted', async () => {
  const { obstacles, warnings } = await check(
    PIPELINE.replace('service: {', 'service: { telemetry: { logs: { output_paths: [stderr] } },'),
  );
  expect(obstacles).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('"output_paths" has no effect')]);
});
