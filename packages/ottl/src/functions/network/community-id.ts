import { createHash } from 'node:crypto';
import { defineFunction } from '../../function/define-function.ts';
import { constantGetter } from '../../function/getter.ts';
import * as p from '../../function/parameters.ts';
import { OttlRuntimeError } from '../../ottl-error.ts';
import { parseIp } from './ip-address.ts';

/** By the names that IANA gives them, in capitals. */
const PROTOCOLS: Readonly<Record<string, number>> = { ICMP: 1, TCP: 6, UDP: 17, RSVP: 46, ICMP6: 58, SCTP: 132 };

export const communityId = defineFunction({
  name: 'CommunityID',
  kind: 'converter',
  summary: 'The Community ID (version 1) of a network flow: the same for both directions.',
  details:
    '`protocol` is `TCP` (the default), `UDP`, `ICMP`, `ICMP6`, `RSVP` or `SCTP`; `seed` is 0 unless given. As in the ' +
    'Collector, the types of ICMP messages are taken for ports as they are.',
  params: {
    sourceIP: p.string,
    sourcePort: p.int,
    destinationIP: p.string,
    destinationPort: p.int,
    protocol: p.optional(p.string, constantGetter('TCP')),
    seed: p.optional(p.int, constantGetter(0n)),
  },
  returns: 'string',
  examples: [
    {
      code: 'CommunityID("128.232.110.120", 34855, "66.35.250.204", 80)',
      result: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
    },
    { code: 'CommunityID("66.35.250.204", 80, "128.232.110.120", 34855)', result: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=' },
    { code: 'CommunityID("192.168.1.1", 54321, "10.0.0.1", 90, "UDP", 2)', result: '1:sAf4Y22Cz0Pq28qyrJYFQGhlvp4=' },
    { code: 'CommunityID("10.1.1.1", 70000, "10.1.1.2", 2)', fails: 'sourcePort must be from 0 to 65535, not 70000' },
    { code: 'CommunityID("10.1.1.1", 1, "10.1.1.2", 2, "tcp")', fails: 'there is no protocol tcp' },
    { code: 'CommunityID("x", 1, "10.1.1.2", 2)', fails: '"x" is no IP address' },
    { code: 'CommunityID(attributes["missing"], 1, "10.1.1.2", 2)', fails: 'expected string but got nil' },
  ],
  make:
    ({ sourceIP, sourcePort, destinationIP, destinationPort, protocol, seed }) =>
    (frame) => {
      const source = endpoint(sourceIP(frame), uint16('sourcePort', sourcePort(frame)));
      const destination = endpoint(destinationIP(frame), uint16('destinationPort', destinationPort(frame)));
      const number = protocolNumber(protocol(frame));
      const seedBytes = Buffer.alloc(2);
      seedBytes.writeUInt16BE(uint16('seed', seed(frame)));
      const [low, high] = isOrdered(source, destination) ? [source, destination] : [destination, source];
      const digest = createHash('sha1')
        .update(seedBytes)
        .update(low.ip)
        .update(high.ip)
        .update(Uint8Array.of(number, 0))
        .update(low.port)
        .update(high.port)
        .digest('base64');
      return `1:${digest}`;
    },
});

interface Endpoint {
  readonly ip: Uint8Array;
  readonly port: Buffer;
}

function endpoint(text: string, number: number): Endpoint {
  const ip = parseIp(text);
  if (ip === undefined) throw new OttlRuntimeError(`${JSON.stringify(text.slice(0, 60))} is no IP address`);
  const port = Buffer.alloc(2);
  port.writeUInt16BE(number);
  return { ip, port };
}

function isOrdered(a: Endpoint, b: Endpoint): boolean {
  const byAddress = Buffer.compare(a.ip, b.ip);
  return byAddress < 0 || (byAddress === 0 && Buffer.compare(a.port, b.port) <= 0);
}

function uint16(name: string, value: bigint): number {
  if (value >= 0n && value <= 65_535n) return Number(value);
  throw new OttlRuntimeError(`${name} must be from 0 to 65535, not ${value}`);
}

function protocolNumber(name: string): number {
  if (Object.hasOwn(PROTOCOLS, name)) return PROTOCOLS[name];
  throw new OttlRuntimeError(`there is no protocol ${name} here: use one of ${Object.keys(PROTOCOLS).join(', ')}`);
}
