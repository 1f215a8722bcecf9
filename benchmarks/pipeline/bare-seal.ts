/**
 * The bare cost of a sealed file: compresses (LZ4) and encrypts (age) the corpus in pieces of a request each, in one
 * thread, and writes the result. Arguments: number of requests, file, signal, shape. Prints its CPU seconds.
 */
import { openSync, writeSync } from 'node:fs';
import { AgeEncryptor, compress, generateIdentity, recipientOf } from '@millrace/codec';
import type { LoadSignal, ShapeName } from '@millrace/load';
import { corpus } from '../corpus/requests.ts';

const [requests = '100', path = '/dev/null', signal = 'logs', shape = 'typical'] = process.argv.slice(2);
const bodies = corpus({ requests: 32, items: 1_000, signal: signal as LoadSignal, shape: shape as ShapeName });
const file = openSync(path, 'w');
const encryptor = new AgeEncryptor([recipientOf(generateIdentity())]);
const seal = (count: number) => {
  for (let index = 0; index < count; index++) {
    const frame = compress(bodies[index % bodies.length], { codec: 'lz4' });
    writeSync(file, encryptor.write(frame));
  }
};
seal(50);
const before = process.cpuUsage();
seal(Number(requests));
const { user, system } = process.cpuUsage(before);
writeSync(file, encryptor.end());
console.log((user + system) / 1e6);
