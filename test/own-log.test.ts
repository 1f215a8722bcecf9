/** The collector's own log tells what happens, and never what is in the data or in the settings that are secret. */
import { expect, test } from 'vitest';
import { Destination } from './harness/destination.ts';
import { startCollector } from './harness/millrace.ts';
import { postLogs } from './harness/requests.ts';

test('at level debug, with everything going wrong, no line has a payload or a secret', async () => {
  const refusing = await Destination.start();
  refusing.answer = { status: 400 };
  const secrets = { TOKEN: 'token-fd81c2', PASSWORD: 'password-91aa3e' };
  const collector = await startCollector(
    `
receivers: { otlp: { protocols: { grpc: { endpoint: 127.0.0.1:0 }, http: { endpoint: 127.0.0.1:0 } } } }
processors: { attributes: { actions: [{ key: secret, value: "\${env:TOKEN}", action: insert }] } }
exporters:
  otlphttp: { endpoint: "${refusing.url}", encoding: json, headers: { authorization: "Bearer \${env:TOKEN}" } }
  otlphttp/dead:
    endpoint: "http://user:\${env:PASSWORD}@127.0.0.1:9"
    headers: { x-api-key: "\${env:TOKEN}" }
    retry_on_failure: { initial_interval: 10ms, max_interval: 20ms, max_elapsed_time: 50ms }
service:
  telemetry: { logs: { level: debug, initial_fields: { node: test-7 } } }
  pipelines: { logs: { receivers: [otlp], processors: [attributes], exporters: [otlphttp, otlphttp/dead] } }
`,
    { env: secrets, threads: 1 },
  );
  await postLogs(collector.receiverHttp(), ['payload-5b11c7']);
  await postLogs(
    collector.receiverHttp(),
    ['payload-5b11c7'].map((id) => `${id}"}}],"broken":[`),
  );
  for (const component of ['otlphttp', 'otlphttp/dead']) {
    await collector.logged('data was given up', ({ component: name, exporter }) =>
      [name, exporter].includes(component),
    );
  }
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
  for (const text of ['payload-5b11c7', ...Object.values(secrets)]) expect(collector.output).not.toContain(text);
  for (const line of collector.stderr.entries) {
    expect(JSON.parse(line)).toMatchObject({
      level: expect.stringMatching(/^(debug|info|warn|error)$/) as string,
      ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      msg: expect.stringMatching(/./) as string,
      node: 'test-7',
    });
  }
});
