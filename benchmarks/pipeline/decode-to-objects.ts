/**
 * The baseline: the same jobs, done as most programs do them. Decodes each request to objects (protobufjs), works on
 * them, encodes them again; the same HTTP server and client, the same codecs.
 * Arguments: job (nop | forward | attributes | sealed), signal, port, target (URL or file).
 */
import { createWriteStream } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { AgeEncryptor, compress, generateIdentity, recipientOf } from '@millrace/codec';
import type { LoadSignal } from '@millrace/load';
import { messageType } from '../../packages/otlp/src/testing/oracle.ts';
import type { Job } from './jobs.ts';

interface Item {
  attributes: { key: string; value: object }[];
}
interface Metric {
  readonly [data: string]: { readonly dataPoints?: readonly Item[] } | null;
}
interface Scope {
  readonly logRecords?: readonly Item[];
  readonly spans?: readonly Item[];
  readonly metrics?: readonly Metric[];
}
type Request = Readonly<Record<string, readonly Readonly<Record<string, readonly Scope[]>>[]>>;

const [jobName, signalName, port = '0', target = ''] = process.argv.slice(2);
const job = jobName as Job;
const signal = signalName as LoadSignal;
const [RESOURCES, SCOPES] = {
  logs: ['resourceLogs', 'scopeLogs'],
  traces: ['resourceSpans', 'scopeSpans'],
  metrics: ['resourceMetrics', 'scopeMetrics'],
}[signal];
const type = messageType(signal);
const agent = new Agent({ keepAlive: true });
const encryptor = new AgeEncryptor([recipientOf(generateIdentity())]);
const file = job === 'sealed' ? createWriteStream(target) : undefined;

function itemsOf({ logRecords, spans, metrics }: Scope): readonly Item[] {
  const points = metrics?.flatMap((metric) => Object.values(metric).flatMap((data) => data?.dataPoints ?? []));
  return logRecords ?? spans ?? points ?? [];
}

function work(body: Uint8Array): Uint8Array | undefined {
  const message = type.decode(body) as unknown as Request;
  if (job === 'nop') return undefined;
  if (job === 'attributes') {
    for (const resource of message[RESOURCES]) for (const scope of resource[SCOPES]) itemsOf(scope).forEach(edit);
  }
  return type.encode(message).finish();
}

function edit(item: Item): void {
  item.attributes = item.attributes.filter(({ key }) => key !== 'session.id');
  item.attributes.push({ key: 'deployment.environment.name', value: { stringValue: 'production' } });
}

async function deliver(bytes: Uint8Array | undefined): Promise<void> {
  if (bytes === undefined) return;
  if (file === undefined) return send(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  const frame = compress(Buffer.concat([length, bytes]), { codec: 'lz4' });
  await new Promise<void>((resolve) => file.write(encryptor.write(frame), () => resolve()));
}

function send(bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': bytes.length };
    const sent = request(target, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

const server = createServer((incoming, response) => {
  const chunks: Uint8Array[] = [];
  incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  incoming.on('end', () => {
    void deliver(work(Buffer.concat(chunks))).then(() => response.writeHead(200).end());
  });
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
process.on('SIGTERM', () => {
  if (file === undefined) process.exit();
  file.end(encryptor.end(), () => process.exit());
});
