import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, renameSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { RecordingHost, running, TestDirectory } from '../testing/lookup.ts';

const ATTRIBUTES = [{ destination: 'v', default: 'none' }];
const LOOKUPS = [{ key: 'attributes["k"]', attributes: ATTRIBUTES }];

/** A real server that keeps the paths it was asked for. */
class TestServer {
  readonly paths: string[] = [];
  readonly #server: Server;

  private constructor(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
    this.#server = createServer((request, response) => {
      this.paths.push(request.url ?? '');
      answer(request, response, this.paths.length);
    });
  }

  static async start(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
    const server = new TestServer(answer);
    await once(server.#server.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => void this.#server.close(resolve));
  }
}

const json = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};

const http = (server: TestServer, options: object = {}) => ({ type: 'http', url: `${server.url}/u/{key}`, ...options });

test('keys are escaped and asked for once; answers are used by their part', async () => {
  await using server = await TestServer.start((request, response) => json(response, { d: [{ path: request.url }] }));
  await using lookup = await running({ source: http(server, { pointer: '/d/0/path' }), lookups: LOOKUPS });
  await lookup.send('a b', 'a b', 'x/../y?z#{key}', '..', '.', 'ü');
  await lookup.send('a b');
  expect(server.paths.toSorted()).toEqual(['/u/%C3%BC', '/u/a%20b', '/u/x%2F..%2Fy%3Fz%23%7Bkey%7D']);
  expect(lookup.records.map(({ v }) => v)).toEqual([
    '/u/a%20b',
    '/u/a%20b',
    '/u/x%2F..%2Fy%3Fz%23%7Bkey%7D',
    'none',
    'none',
    '/u/%C3%BC',
    '/u/a%20b',
  ]);
});

test('headers are sent; 404 means that there is nothing, and is kept', async () => {
  await using server = await TestServer.start((request, response) =>
    request.headers.authorization === 'Bearer t' ? json(response, null, 404) : json(response, 'x'),
  );
  const source = http(server, { headers: { Authorization: 'Bearer t' } });
  await using lookup = await running({ source, lookups: LOOKUPS });
  await lookup.send('a');
  await lookup.send('a');
  expect(lookup.records.map(({ v }) => v)).toEqual(['none', 'none']);
  expect(server.paths).toHaveLength(1);
});

test.each([
  ['another status', (response: ServerResponse) => json(response, {}, 302)],
  [
    'an answer that is nested deeply',
    (response: ServerResponse) =>
      response.end('['.repeat(50).concat('{"a":'.repeat(20), '1', '}'.repeat(20), ']'.repeat(50))),
  ],
  ['no JSON', (response: ServerResponse) => response.end('<html>')],
  [
    'half an answer',
    (response: ServerResponse) =>
      void response.writeHead(200, { 'content-length': 9 }).write('"', () => response.destroy()),
  ],
  ['an answer that is too large', (response: ServerResponse) => json(response, 'x'.repeat(1_000))],
])('%s leaves records as they are, or refuses them for now, and is not kept', async (_, answer) => {
  await using server = await TestServer.start((_request, response, count) =>
    count <= 2 ? answer(response) : json(response, 'ok'),
  );
  const source = http(server, { max_response_bytes: 500 });
  await using keeping = await running({ source, lookups: LOOKUPS });
  await keeping.send('a');
  expect(keeping.records).toEqual([{ k: 'a' }]);
  await using refusing = await running({ source, lookups: LOOKUPS, on_error: 'refuse' });
  await expect(refusing.send('a')).rejects.toMatchObject({ code: 'LOOKUP_UNAVAILABLE', retryable: true });
  await refusing.send('a');
  expect(refusing.records).toEqual([{ k: 'a', v: 'ok' }]);
  expect(refusing.host.ledger.leaks).toEqual([]);
});

test('a server that does not answer is given up, and left alone when it keeps failing', async () => {
  const held: ServerResponse[] = [];
  let isSilent = true;
  await using server = await TestServer.start(
    (_request, response) => void (isSilent ? held.push(response) : json(response, 'ok')),
  );
  const host = new RecordingHost({ signal: 'logs', guarantee: 'safe' });
  await using lookup = await running(
    { source: http(server, { timeout: '2s', max_concurrency: 5 }), lookups: LOOKUPS },
    host,
  );
  const state = { isOver: false };
  const sent = lookup.send('1', '2', '3', '4', '5', '6', '7').then(() => (state.isOver = true));
  await expect.poll(() => held.length).toBe(5);
  // The first that fails makes way for another question before the last has failed.
  while (!state.isOver) await host.manualClock.advance(2_000);
  await sent;
  const asked = server.paths.length;
  expect(lookup.records.every((record) => !('v' in record))).toBe(true);
  expect(host.statuses).toMatchObject([{ status: 'recoverable_error' }]);
  isSilent = false;
  await lookup.send('8');
  expect(server.paths).toHaveLength(asked);
  await host.manualClock.advance(30_000);
  await lookup.send('8');
  expect(lookup.records.at(-1)).toEqual({ k: '8', v: 'ok' });
  expect(host.statuses.at(-1)).toEqual({ status: 'ok', message: undefined });
});

test('batches leave in the order in which they came, and no more than allowed wait', async () => {
  const held = new Map<string, ServerResponse>();
  await using server = await TestServer.start((request, response) => void held.set(request.url ?? '', response));
  await using lookup = await running({ source: http(server), lookups: LOOKUPS, max_waiting_batches: 3 });
  const first = lookup.send('slow');
  const second = lookup.send('quick');
  // No key of its own to be asked for: single flight.
  const third = lookup.send('slow');
  await expect(lookup.send('more')).rejects.toMatchObject({ code: 'LOOKUP_BUSY', retryable: true });
  await expect.poll(() => held.size).toBe(2);
  json(held.get('/u/quick') as ServerResponse, 'q');
  await expect.poll(() => lookup.host.recordedTelemetry.sum(/^processor_lookup_requests$/)).toBe(1);
  expect(lookup.records).toEqual([]);
  json(held.get('/u/slow') as ServerResponse, 's');
  await Promise.all([first, second, third]);
  expect(lookup.records.map(({ v }) => v)).toEqual(['s', 'q', 's']);
  expect(server.paths).toHaveLength(2);
});

test('a shutdown waits for what is asked, and batches that come later pass', async () => {
  const held: ServerResponse[] = [];
  await using server = await TestServer.start((_request, response) => void held.push(response));
  const lookup = await running({ source: http(server), lookups: LOOKUPS });
  const sent = lookup.send('a');
  await expect.poll(() => held.length).toBe(1);
  const ending = lookup.processor.shutdown();
  json(held[0], 'late');
  await Promise.all([sent, ending]);
  await lookup.send('b');
  expect(lookup.records).toEqual([{ k: 'a', v: 'late' }, { k: 'b' }]);
  expect(server.paths).toHaveLength(1);
});

test('a connection that the server closes instead of using it again costs nothing', async () => {
  const used = new WeakSet<object>();
  await using server = await TestServer.start(({ socket }, response) => {
    if (used.has(socket)) socket.destroy();
    else json(response, 'ok');
    used.add(socket);
  });
  await using lookup = await running({ source: http(server), lookups: LOOKUPS });
  await lookup.send('a');
  await lookup.send('b');
  expect(lookup.records.map(({ v }) => v)).toEqual(['ok', 'ok']);
  expect(server.paths).toEqual(['/u/a', '/u/b', '/u/b']);
});

test('a server with TLS is trusted by its authority only', async () => {
  using directory = new TestDirectory();
  const [key, cert] = [directory.file('key.pem'), directory.file('cert.pem')];
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
  ];
  const named = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...made, ...named], { stdio: 'pipe' });
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) =>
    json(response, 'secret'),
  );
  await once(server.listen(0, 'localhost'), 'listening');
  try {
    const url = `https://localhost:${(server.address() as AddressInfo).port}/{key}`;
    await using trusting = await running({ source: { type: 'http', url, tls: { ca_file: cert } }, lookups: LOOKUPS });
    await trusting.send('a');
    expect(trusting.records).toEqual([{ k: 'a', v: 'secret' }]);
    await using doubting = await running({ source: { type: 'http', url }, lookups: LOOKUPS });
    await doubting.send('a');
    expect(doubting.records).toEqual([{ k: 'a' }]);
    const source = { type: 'http', url, tls: { ca_file: directory.file('missing') } };
    await expect(running({ source, lookups: LOOKUPS })).rejects.toMatchObject({ code: 'TLS_UNREADABLE' });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  }
});

function fill(path: string, name: string): void {
  const database = new DatabaseSync(path);
  database.exec('CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT, age INTEGER, share REAL, note TEXT)');
  database.prepare('INSERT INTO users VALUES (?, ?, ?, ?, NULL)').run('1', name, 9007199254740993n, 2);
  database.close();
}

test.each(['SELECT name FROM users WHERE id = ?', 'SELECT name FROM users WHERE id = :key'])(
  'sqlite: %s',
  async (query) => {
    using directory = new TestDirectory();
    fill(directory.file('users.db'), 'Ann');
    await using lookup = await running({
      source: { type: 'sqlite', path: directory.file('users.db'), query },
      lookups: LOOKUPS,
    });
    await lookup.send('1', '2', "' OR 1=1 --");
    expect(lookup.records.map(({ v }) => v)).toEqual(['Ann', 'none', 'none']);
  },
);

test('sqlite: rows keep the kinds of their columns', async () => {
  using directory = new TestDirectory();
  fill(directory.file('users.db'), 'Ann');
  const source = { type: 'sqlite', path: directory.file('users.db'), query: 'SELECT * FROM users WHERE id = ?' };
  await using lookup = await running({ source, lookups: [{ key: 'attributes["k"]', prefix: 'u.' }] });
  await lookup.send('1');
  expect(lookup.records).toEqual([
    { k: '1', 'u.id': '1', 'u.name': 'Ann', 'u.age': { int: '9007199254740993' }, 'u.share': 2 },
  ]);
});

test.each([
  ['SELECT nope FROM users WHERE id = ?', 'no such column'],
  ['DELETE FROM users WHERE id = ?', 'readonly'],
])('sqlite: %s does not start', async (query, message) => {
  using directory = new TestDirectory();
  fill(directory.file('users.db'), 'Ann');
  const source = { type: 'sqlite', path: directory.file('users.db'), query };
  await expect(running({ source, lookups: LOOKUPS })).rejects.toThrow(message);
});

test('sqlite: another file in its place is opened', async () => {
  using directory = new TestDirectory();
  const path = directory.file('users.db');
  fill(path, 'Ann');
  const host = new RecordingHost({ signal: 'logs', guarantee: 'safe' });
  const query = 'SELECT name FROM users WHERE id = ?';
  const source = { type: 'sqlite', path, query, reload_interval: '1s', cache: { enabled: false } };
  await using lookup = await running({ source, lookups: LOOKUPS }, host);
  await lookup.send('1');
  fill(directory.file('new.db'), 'Bob');
  renameSync(directory.file('new.db'), path);
  await host.manualClock.advance(1_000);
  await expect.poll(() => host.recordedLog.messages('info')).toEqual(['opened the new database']);
  await lookup.send('1');
  expect(lookup.records.map(({ v }) => v)).toEqual(['Ann', 'Bob']);
});

/** Answers every PTR question for 198.51.100.7 with `host.test`, and others with NXDOMAIN. */
async function dnsServer() {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const isKnown = question.includes(Buffer.from('\u00017\u0003100\u000251\u0003198'));
    const header = Buffer.from(question.subarray(0, 12));
    header.writeUInt16BE(isKnown ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(isKnown ? 1 : 0, 6);
    header.writeUInt32BE(0, 8);
    const end = question.indexOf(0, 12) + 5;
    const name = Buffer.from('\u0004host\u0004test\0');
    const answer = Buffer.concat([Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, name.length]), name]);
    socket.send(Buffer.concat([header, question.subarray(12, end), ...(isKnown ? [answer] : [])]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, [Symbol.dispose]: () => void socket.close() };
}

test('dns: addresses have names', async () => {
  using dns = await dnsServer();
  await using lookup = await running({ source: { type: 'dns', server: dns.server }, lookups: LOOKUPS });
  await lookup.send('198.51.100.7', '192.0.2.1', 'no address');
  expect(lookup.records.map(({ v }) => v)).toEqual(['host.test', 'none', 'none']);
});
