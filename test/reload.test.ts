/** A running collector takes up another configuration, and nobody who sends to it notices. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { atEndOf } from './harness/cleanup.ts';
import { Destination } from './harness/destination.ts';
import { eventually } from './harness/eventually.ts';
import { BIN, launchCollector, type Millrace, NODE, Program, startCollector } from './harness/millrace.ts';
import { freePort } from './harness/plugin-project.ts';
import { idList, idsOf, logsJson, postLogs } from './harness/requests.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

/** Sends on one connection, one request after the other, until it is told to stop. */
class Client {
  readonly acknowledged: string[] = [];
  readonly statuses = new Set<number>();
  readonly sockets = new Set<Socket>();
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #name: string;
  readonly #url: string;
  readonly #work: Promise<void>;
  #isOver = false;

  constructor(name: string, http: string) {
    this.#name = name;
    this.#url = `${http}/v1/logs`;
    this.#work = this.#send();
    atEndOf('test', () => this.end());
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await this.#work;
    this.#agent.destroy();
  }

  async #send(): Promise<void> {
    for (let next = 0; !this.#isOver; next++) {
      const ids = idList(`${this.#name}-${next}`, 3);
      const status = await this.#post(logsJson(ids));
      this.statuses.add(status);
      if (status === 200) this.acknowledged.push(...ids);
    }
  }

  #post(body: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const call = request(this.#url, { method: 'POST', agent: this.#agent, headers }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      call.on('socket', (socket) => this.sockets.add(socket));
      call.on('error', reject);
      call.end(body);
    });
  }
}

const RECEIVER = 'otlp: { protocols: { http: { endpoint: 127.0.0.1:0 } } }';

function configOf(
  destination: Destination,
  parts: { processors?: string; list?: string; exporter?: string; more?: string },
) {
  return `
receivers: { ${RECEIVER} }
processors: { ${parts.processors ?? ''} }
exporters: { otlphttp: { endpoint: "${destination.url}", encoding: json, compression: none, ${parts.exporter ?? ''} } }
${parts.more ?? ''}
  pipelines: { logs: { receivers: [otlp], processors: [${parts.list ?? ''}], exporters: [otlphttp] } }
`;
}

/** Has it read another configuration, and waits until that is in effect, or refused. */
async function reload(collector: Millrace, yaml: string, message = 'reloaded'): Promise<void> {
  writeFileSync(join(collector.cwd, 'config.yaml'), yaml);
  const before = collector.log.entries.filter(({ msg }) => msg === message).length;
  collector.signal('SIGHUP');
  await collector.log.find(() => collector.log.entries.filter(({ msg }) => msg === message).length > before);
}

const ATTRIBUTE = 'attributes: { actions: [{ key: round, value: "2", action: upsert }] }';

describe('under load', () => {
  test.each([0, 1])(
    'twelve reloads lose nothing, double nothing, refuse nothing and close no connection, with %d workers',
    async (threads) => {
      const destination = await Destination.start();
      const variants = [
        configOf(destination, { more: 'service:' }),
        configOf(destination, { processors: ATTRIBUTE, list: 'attributes', more: 'service:' }),
        configOf(destination, {
          exporter: 'timeout: 7s, sending_queue: { batch: { min_size: 10, flush_timeout: 10ms } }',
          more: 'service:',
        }),
        configOf(destination, {
          processors: 'batch: { timeout: 5ms }',
          list: 'batch',
          exporter: 'sending_queue: { enabled: false }',
          more: 'service:',
        }),
      ];
      const collector = await startCollector(variants[0], { threads });
      const clients = idList('c', 4).map((name) => new Client(name, collector.http()));
      for (let turn = 1; turn <= 12; turn++) await reload(collector, variants[turn % variants.length]);
      await Promise.all(clients.map((client) => client.end()));
      expect(await collector.stop()).toEqual({ code: 0, signal: null });
      const sent = clients.flatMap(({ acknowledged }) => acknowledged);
      expect(idsOf(destination.items.entries).toSorted()).toEqual(sent.toSorted());
      expect(clients.map(({ statuses }) => [...statuses])).toEqual(clients.map(() => [200]));
      expect(clients.map(({ sockets }) => sockets.size)).toEqual(clients.map(() => 1));
      expect(sent.length).toBeGreaterThan(100);
    },
  );

  test('a queue on disk goes over to the exporter that takes the place of another', async () => {
    const destination = await Destination.start();
    const stored = (consumers: number) =>
      configOf(destination, {
        exporter: `sending_queue: { storage: file_storage, num_consumers: ${consumers}, queue_size: 100000 }`,
        more: 'extensions: { file_storage: { directory: store, create_directory: true, min_free_space: 0 } }\nservice:\n  extensions: [file_storage]',
      });
    const collector = await startCollector(stored(2));
    const clients = idList('c', 4).map((name) => new Client(name, collector.http()));
    for (let turn = 1; turn <= 6; turn++) await reload(collector, stored(2 + turn));
    await Promise.all(clients.map((client) => client.end()));
    expect(await collector.stop()).toEqual({ code: 0, signal: null });
    const sent = clients.flatMap(({ acknowledged }) => acknowledged);
    expect(idsOf(destination.items.entries).toSorted()).toEqual(sent.toSorted());
    expect(clients.map(({ statuses }) => [...statuses])).toEqual(clients.map(() => [200]));
  });
});

describe('a configuration that is not good', () => {
  test.each([
    ['cannot be read', 'receivers: [', 'config.yaml'],
    ['has errors', configOfNobody('nonsense: true'), 'nonsense'],
    ['cannot start', configOfNobody('tls: { ca_file: /nowhere/ca.pem }'), '/nowhere/ca.pem'],
  ])('and %s leaves the old one in effect', async (_name, yaml, reason) => {
    const destination = await Destination.start();
    const collector = await startCollector(configOf(destination, { more: 'service:' }));
    const client = new Client('c', collector.http());
    await reload(collector, yaml, 'the new configuration was not taken, the old one stays in effect');
    const line = await collector.logged('the new configuration was not taken, the old one stays in effect');
    expect(line['reason']).toContain(reason);
    await client.end();
    expect([...client.statuses]).toEqual([200]);
    expect(client.sockets.size).toBe(1);
    await collector.metric('millrace_reload', { result: 'failure' }, (value) => value === 1);
    await collector.stop();
    expect(idsOf(destination.items.entries).toSorted()).toEqual(client.acknowledged.toSorted());
  });

  function configOfNobody(exporter: string): string {
    return `
receivers: { ${RECEIVER} }
exporters: { otlphttp: { endpoint: "https://127.0.0.1:1", ${exporter} } }
service: { pipelines: { logs: { receivers: [otlp], exporters: [otlphttp] } } }
`;
  }
});

test('a receiver of another port is there at once; requests that had come to the old one are answered, and nobody listens there', async () => {
  const destination = await Destination.start();
  const ports = [await freePort(), await freePort()];
  const at = (port: number | undefined) =>
    configOf(destination, { exporter: 'sending_queue: { enabled: false }', more: 'service:' }).replace(
      '127.0.0.1:0',
      `127.0.0.1:${port}`,
    );
  const collector = await startCollector(at(ports[0]));
  destination.answer = 'hang';
  const underWay = postLogs(`http://127.0.0.1:${ports[0]}`, ['a']);
  await destination.requests.find(() => true);
  await reload(collector, at(ports[1]));
  const other = postLogs(`http://127.0.0.1:${ports[1]}`, ['b']);
  await expect(fetch(`http://127.0.0.1:${ports[0]}/v1/logs`)).rejects.toMatchObject({
    cause: { code: 'ECONNREFUSED' },
  });
  destination.answer = { status: 200 };
  expect([(await underWay).status, (await other).status]).toEqual([200, 200]);
  expect(idsOf(destination.items.entries).toSorted()).toEqual(['a', 'b']);
  expect(await collector.stop()).toEqual({ code: 0, signal: null });
});

/** Runs a program on a terminal of its own, closes that once a file is there, and prints how it ended. */
const CLOSES_ITS_TERMINAL = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while not os.path.exists('close it'):
    if select.select([terminal], [], [], 0.02)[0]:
        os.read(terminal, 65536)
os.close(terminal)
_, status = os.waitpid(pid, 0)
print('ended', os.waitstatus_to_exitcode(status), flush=True)
`;

test.skipIf(spawnSync('which', ['python3']).status !== 0)(
  'a collector whose terminal is closed ends as on SIGTERM, and delivers what it has',
  async () => {
    const destination = await Destination.start();
    destination.answer = 'hang';
    const cwd = temporaryFolder();
    const port = await freePort();
    const yaml = configOf(destination, { more: 'service:' }).replace('127.0.0.1:0', `127.0.0.1:${port}`);
    writeFileSync(join(cwd, 'config.yaml'), `${yaml}  telemetry: { metrics: { level: none } }\n`);
    const command = ['python3', '-c', CLOSES_ITS_TERMINAL, NODE, BIN];
    const terminal = new Program(['run', '--config', 'config.yaml'], { command, cwd });
    await eventually(
      'an answer',
      async () => (await postLogs(`http://127.0.0.1:${port}`, ['a'])).status === 200 || undefined,
    );
    writeFileSync(join(cwd, 'close it'), '');
    destination.answer = { status: 200 };
    expect(await terminal.stdout.find((line) => line.startsWith('ended'))).toBe('ended 0');
    expect(idsOf(destination.items.entries)).toContain('a');
  },
);

test('with --watch, changes of files, of what they include and of plugins are taken up', async () => {
  const destination = await Destination.start();
  const cwd = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
  const plugin = (note: string) => `
import { defineProcessor, Type } from '@millrace/api';
export default defineProcessor({
  type: 'noting', summary: 'Notes.', stability: 'development', config: Type.Object({}), examples: [],
  create: () => ({ logs(batch) { for (const record of batch.records) record.attributes.set('note', '${note}'); } }),
});
`;
  write('noting.ts', plugin('first'));
  write('level.yaml', 'one');
  const yaml = `plugins: [./noting.ts]\n${configOf(destination, { processors: 'noting: , attributes: { actions: [{ key: level, value: "${file:level.yaml}", action: upsert }] }', list: 'noting, attributes', more: 'service:' })}`;
  const collector = await launchCollector(yaml, { cwd, threads: 1, args: ['--watch'] }).ready();
  const noted = async (id: string) => {
    await fetch(`${collector.http()}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: logsJson([id]),
    });
    const item = await destination.items.find((each) => idsOf([each])[0] === id);
    const { note, level } = item.content['attributes'] as Record<string, unknown>;
    return [note, level];
  };
  const reloads = async (count: number) => {
    await collector.log.find(() => collector.log.entries.filter(({ msg }) => msg === 'reloaded').length === count);
  };
  expect(await noted('a')).toEqual(['first', 'one']);
  write('level.yaml', 'two');
  await reloads(1);
  expect(await noted('b')).toEqual(['first', 'two']);
  write('noting.ts', plugin('second'));
  await reloads(2);
  expect(await noted('c')).toEqual(['second', 'two']);
});
