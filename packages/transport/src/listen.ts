import { lookup } from 'node:dns/promises';
import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo, ListenOptions, Server } from 'node:net';
import { ComponentError, messageOf } from '@millrace/api';
import { formatAddress } from './endpoint.ts';
import type { Address } from './endpoint.ts';

/** Connections that the kernel completes ahead of our accepting them; it caps the number at its own limit. */
const BACKLOG = 4096;

/**
 * Starts listening and resolves with the real address (port 0 becomes the chosen port). Throws a ComponentError that
 * says what is in the way. Neither the server nor its connections keep the process alive: whoever runs the collector
 * decides how long that lives, and a request without an answer is one that its sender sends again.
 */
export async function listen(server: Server, address: Address): Promise<Address> {
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  server.unref().on('connection', (socket) => socket.unref());
  try {
    await listenOn(server, await optionsFor(address));
  } catch (error) {
    // A machine without IPv6 has no "::"; every IPv4 interface is what was meant.
    if (address.kind !== 'tcp' || address.host !== '::' || address.family === 6 || !lacksIpv6(error)) {
      throw explain(error, address);
    }
    await listenOn(server, { host: '0.0.0.0', port: address.port, backlog: BACKLOG }).catch((cause: unknown) => {
      throw explain(cause, address);
    });
  }
  if (address.kind === 'unix') return address;
  const bound = server.address() as AddressInfo;
  return { ...address, host: bound.address, port: bound.port };
}

function listenOn(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(options, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function optionsFor(address: Address): Promise<ListenOptions> {
  if (address.kind === 'unix') return { path: address.path, backlog: BACKLOG };
  const { host, port, family } = address;
  const common = { port, backlog: BACKLOG, ...(family === 6 ? { ipv6Only: true } : {}) };
  // As in Go, a name with addresses of both families is bound to the IPv4 one.
  const found = await lookup(host, { all: true, family: family ?? 0 });
  const first = found.find((entry) => entry.family === 4) ?? found[0];
  return { ...common, host: first?.address ?? host };
}

/** A socket file that nobody serves any more is left behind by a crash and would block the start for ever. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || !found.isSocket()) return;
  const isServed = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
  if (!isServed) await unlink(path);
}

function lacksIpv6(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
}

function explain(cause: unknown, address: Address): ComponentError {
  const { code } = cause as NodeJS.ErrnoException;
  const [why, remedy] = reason(code, address) ?? [messageOf(cause), 'change the endpoint'];
  return new ComponentError(`cannot listen on ${formatAddress(address)}: ${why}`, {
    code: code ?? 'LISTEN_FAILED',
    remedy,
    cause,
  });
}

function reason(code: string | undefined, address: Address): [string, string] | undefined {
  const isUnix = address.kind === 'unix';
  switch (code) {
    case 'EADDRINUSE':
      return isUnix
        ? ['another program serves this socket', 'stop it, or change the endpoint']
        : ['the port is in use', `stop the other program (ss -ltnp 'sport = :${address.port}') or change the endpoint`];
    case 'EACCES':
      return isUnix
        ? ['permission denied', 'let the user that runs the collector write to the directory']
        : ['permission denied', 'ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher one or grant it'];
    case 'EADDRNOTAVAIL':
      return [
        'no interface of this machine has this address',
        'use an address of this machine, "localhost" or "0.0.0.0"',
      ];
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return ['the host name cannot be resolved', 'use an address of this machine, "localhost" or "0.0.0.0"'];
    case 'ENOENT':
      return ['the directory of the socket does not exist', 'create it, or change the endpoint'];
    default:
      return undefined;
  }
}
