/** What cannot work ends the start with exit code 1 and one line that names the thing and says what to do. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atEndOf } from './harness/cleanup.ts';
import {
  launchCollector,
  type LaunchSettings,
  type LogLine,
  runMillrace,
  startCollector,
  WITHOUT_PRIVILEGES,
} from './harness/millrace.ts';
import { postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

const PIPELINE = 'service: { pipelines: { logs: { receivers: [otlp], exporters: [nop] } } }';

/** The last error line of a collector that must not start. */
async function failure(yaml: string, settings: LaunchSettings = {}): Promise<LogLine & { readonly remedy: string }> {
  const collector = launchCollector(yaml, settings);
  expect(await collector.exited).toEqual({ code: 1, signal: null });
  expect(collector.log.entries.some(({ msg }) => msg === 'ready')).toBe(false);
  const errors = collector.log.entries.filter(({ level }) => level === 'error');
  expect(errors).toHaveLength(1);
  return errors[0] as LogLine & { readonly remedy: string };
}

describe('a port in use', () => {
  test.each(['grpc', 'http'])(
    'ends the start, names the %s receiver and the port, and says what to do',
    async (protocol) => {
      const port = await takenPort();
      const line = await failure(`
receivers: { otlp: { protocols: { ${protocol}: { endpoint: "127.0.0.1:${port}" } } } }
exporters: { nop: }
${PIPELINE}
`);
      expect(line.msg).toBe(`cannot start receiver "otlp": cannot listen on 127.0.0.1:${port}: the port is in use`);
      expect(line.remedy).toMatch(/stop the other program.*or change the endpoint/);
    },
  );

  test('of the metrics ends the start, and says how to change it', async () => {
    const port = await takenPort();
    const line = await failure(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { nop: }
service:
  telemetry: { metrics: { readers: [{ pull: { exporter: { prometheus: { host: 127.0.0.1, port: ${port} } } } }] } }
  pipelines: { logs: { receivers: [otlp], exporters: [nop] } }
`);
    expect(line.msg).toContain(`127.0.0.1:${port}`);
    expect(line.remedy).toContain('service.telemetry.metrics');
  });

  test('of an extension ends the start, and names it', async () => {
    const port = await takenPort();
    const line = await failure(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { nop: }
extensions: { health_check: { endpoint: "127.0.0.1:${port}" } }
service: { extensions: [health_check], pipelines: { logs: { receivers: [otlp], exporters: [nop] } } }
`);
    expect(line.msg).toMatch(new RegExp(`cannot start extension "health_check".*:${port}: the port is in use`));
  });

  test('by another collector leaves that one working', async () => {
    const first = await startCollector(`
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { nop: }
${PIPELINE}
`);
    const { port } = new URL(first.http());
    await failure(`
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } } }
exporters: { nop: }
${PIPELINE}
`);
    expect((await postLogs(first.http(), ['still-served'])).status).toBe(200);
  });
});

describe('tls', () => {
  const withTls = (tls: string) => `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0, tls: ${tls} } } } }
exporters: { nop: }
${PIPELINE}
`;

  test('a certificate that is not there ends the start and is named', async () => {
    const line = await failure(withTls('{ cert_file: /nowhere/server.crt, key_file: /nowhere/server.key }'));
    expect(line.msg).toMatch(/cannot start receiver "otlp": cannot read certificate "\/nowhere\/server.crt"/);
    expect(line.remedy).toBe('check the path');
  });

  test('a key that is a folder ends the start and is named', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'server.crt'), 'not looked at before the key is read');
    mkdirSync(join(cwd, 'server.key'));
    const line = await failure(withTls('{ cert_file: server.crt, key_file: server.key }'), { cwd });
    expect(line.msg).toMatch(/cannot start receiver "otlp": cannot read private key "server.key": it is a directory/);
    expect(line.remedy).toBe('name a file in it');
  });

  test('a certificate that is none ends the start and is named', async () => {
    const cwd = temporaryFolder();
    for (const name of ['server.crt', 'server.key']) writeFileSync(join(cwd, name), 'garbage');
    const line = await failure(withTls('{ cert_file: server.crt, key_file: server.key }'), { cwd });
    expect(line.msg).toMatch(/cannot use certificate "server.crt"/);
    expect(line.remedy).toContain('BEGIN CERTIFICATE');
  });

  test.skipIf(WITHOUT_PRIVILEGES === undefined)(
    'a key without read permission ends the start and is named',
    async () => {
      const cwd = temporaryFolder();
      for (const name of ['server.crt', 'server.key']) writeFileSync(join(cwd, name), 'garbage');
      chmodSync(join(cwd, 'server.key'), 0);
      const yaml = withTls('{ cert_file: server.crt, key_file: server.key }');
      const line = await failure(yaml, { cwd, command: WITHOUT_PRIVILEGES ?? [] });
      expect(line.msg).toMatch(/cannot read private key "server.key": .*permission denied/);
      expect(line.remedy).toBe('let the user that runs this read it');
    },
  );
});

describe('files', () => {
  const withFile = (settings: string) => `
receivers: { otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } } }
exporters: { file: ${settings} }
service: { pipelines: { logs: { receivers: [otlp], exporters: [file] } } }
`;

  test('a directory that is not there ends the start, and the exporter and path are named', async () => {
    const line = await failure(withFile('{ path: nowhere/out.jsonl }'));
    expect(line.msg).toMatch(/cannot start exporter "file".*nowhere/);
    expect(line.remedy).toMatch(/create_directory|create/);
  });

  test.skipIf(WITHOUT_PRIVILEGES === undefined)(
    'a directory that cannot be written ends the start, and the exporter and path are named',
    async () => {
      const cwd = temporaryFolder();
      mkdirSync(join(cwd, 'data'), { mode: 0o555 });
      const line = await failure(withFile('{ path: data/out.jsonl }'), { cwd, command: WITHOUT_PRIVILEGES ?? [] });
      expect(line.msg).toMatch(/cannot start exporter "file".*data/);
      expect(line.remedy).toBe(`let the user that runs this write to "data"`);
    },
  );

  test('a file in the place of a directory ends the start', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'data'), '');
    const line = await failure(withFile('{ path: data/out.jsonl }'), { cwd });
    expect(line.msg).toMatch(/cannot start exporter "file".*data/);
  });

  test('a file of recipients that is not there ends the start', async () => {
    const line = await failure(withFile('{ path: out.age, encryption: { recipients_file: nobody.pub } }'));
    expect(line.msg).toMatch(/cannot start exporter "file".*nobody.pub/);
    expect(line.remedy).toMatch(/keygen|path/);
  });

  test('a recipient that is none is a fault of the configuration, with its place', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'c.yaml'), withFile('\n    { path: out.age, encryption: { recipients: [age1oops] } }'));
    const { code, stderr } = await runMillrace(['--config', 'c.yaml'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /c\.yaml:4:49 {2}error {2}exporters\.file\.encryption\.recipients\[0\] {2}.*age1oops.* is too short/,
    );
  });
});

async function takenPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEndOf('test', () => void server.close());
  return (server.address() as AddressInfo).port;
}
