/** An HTTP server that counts the log records it is sent. Prints its port, and on SIGTERM the count. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { countItems } from '@millrace/otlp';

let records = 0;
const server = createServer((request, response) => {
  const chunks: Uint8Array[] = [];
  request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
  request.on('end', () => {
    records += countItems('logs', Buffer.concat(chunks));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('SIGTERM', () => {
  console.log(records);
  process.exit();
});
