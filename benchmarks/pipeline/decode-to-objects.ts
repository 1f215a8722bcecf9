/**
 * The baseline: the same jobs, done as most programs do them. Decodes each request to objects (protobufjs), works on
 * them, encodes them again; the same HTTP server and client, the same codecs.
 * Arguments: job (forward | attributes | sealed), port, target (URL or file).
 */
import { createWriteStream } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { AgeEncryptor, compress, generateIdentity, recipientOf } from '@millrace/codec';
import { messageType } from '../../packages/otlp/src/testing/oracle.ts';

interface KeyValue {
  key: string;
  value: object;
}
interface Request {
  resourceLogs: { scopeLogs: { logRecords: { attributes: KeyValue[] }[] }[] }[];
}

const [job = 'forward', port = '0', target = ''] = process.argv.slice(2);
const type = messageType('logs');
const agent = new Agent({ keepAlive: true });
const isSealed = job === 'sealed';
const encryptor = new AgeEncryptor([recipientOf(generateIdentity())]);
const file = isSealed ? createWriteStream(target) : undefined;

function work(body: Uint8Array): Uint8Array {
  const message = type.decode(body) as unknown as Request;
  if (job === 'attributes') {
    for (const { scopeLogs } of message.resourceLogs) {
      for (const { logRecords } of scopeLogs) {
        for (const record of logRecords) {
          record.attributes = record.attributes.filter(({ key }) => key !== 'session.id');
          record.attributes.push({ key: 'deployment.environment.name', value: { stringValue: 'production' } });
        }
      }
    }
  }
  return type.encode(message).finish();
}

async function deliver(bytes: Uint8Array): Promise<void> {
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
