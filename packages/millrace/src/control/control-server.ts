import { chmod, lstat, mkdtemp, rename, rmdir, unlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { ComponentError, messageOf, type Logger } from '@millrace/api';
import { answer, type ControlTarget } from './control-routes.ts';
import {
  defaultSocket,
  type Owner,
  privateDirectory,
  probe,
  refuseLongPath,
  socketsIn,
  thisOwner,
} from './socket-place.ts';

export interface ControlServerOptions extends ControlTarget {
  /** Where the socket goes; by default one for this process in a directory of this user's. */
  readonly path?: string | undefined;
  readonly logger: Logger;
  readonly owner?: Owner;
}

/** Readers at a time; one more is turned away. */
const CONNECTIONS_MAX = 16;
/** How long a request may take to come in. */
const REQUEST_MS = 5_000;

/**
 * The control socket of a collector: HTTP on a Unix socket that only its user can open (and root). It never listens on
 * the network.
 */
export class ControlServer {
  readonly path: string;
  readonly #server: Server;
  #closing: Promise<void> | undefined;

  private constructor(server: Server, socket: string) {
    this.#server = server;
    this.path = socket;
  }

  /** Throws a ComponentError that says what to do. Leftovers of dead collectors are removed. */
  static async open(options: ControlServerOptions): Promise<ControlServer> {
    const owner = options.owner ?? thisOwner();
    const socket = path.resolve(options.path ?? defaultSocket(owner));
    refuseLongPath(socket);
    try {
      if (options.path === undefined) {
        await privateDirectory(path.dirname(socket), owner);
        await removeDead(path.dirname(socket));
      }
      await refuseTaken(socket);
      const server = serverFor(options);
      await bind(server, socket);
      return new ControlServer(server, socket);
    } catch (error) {
      if (error instanceof ComponentError) throw error;
      throw new ComponentError(`cannot open the control socket ${socket}: ${messageOf(error)}`, {
        code: 'CONTROL_SOCKET',
        remedy: 'name another place with service.control.path, or turn it off with service.control.enabled: false',
        cause: error,
      });
    }
  }

  /** Ends all streams and removes the socket. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
    await unlink(this.path).catch(() => undefined);
  }
}

function serverFor({ logger, ...target }: ControlServerOptions): Server {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: 1_000 });
  server.on('request', (request, response) => {
    answer(request, response, target).catch((error: unknown) => {
      logger.warn('a request to the control socket failed', { reason: messageOf(error) });
      response.destroy();
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  // It must not keep a collector alive that has nothing else to do.
  server.unref();
  return server;
}

/**
 * Binds where nobody else can reach the socket yet, gives it its mode, and only then moves it to its place, over what a dead
 * process left there.
 */
async function bind(server: Server, socket: string): Promise<void> {
  // As short as can be: the length of the path is limited.
  const nursery = await mkdtemp(path.join(path.dirname(socket), '.'));
  const born = path.join(nursery, 's');
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(born, resolve);
    });
    await chmod(born, 0o600);
    await rename(born, socket);
  } catch (error) {
    server.close();
    throw error;
  } finally {
    await unlink(born).catch(() => undefined);
    await rmdir(nursery).catch(() => undefined);
  }
}

async function refuseTaken(socket: string): Promise<void> {
  const found = await lstat(socket).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new ComponentError(`${socket} is no socket, and is left alone`, {
      code: 'CONTROL_PATH',
      remedy: 'remove it, or name another place with service.control.path',
    });
  }
  if ((await probe(socket)) !== 'dead') {
    throw new ComponentError(`another process listens on ${socket}`, {
      code: 'CONTROL_TAKEN',
      remedy: 'give each collector a service.control.path of its own, or none',
    });
  }
}

async function removeDead(directory: string): Promise<void> {
  for (const { path: socket } of await socketsIn(directory)) {
    if ((await probe(socket)) === 'dead') await unlink(socket).catch(() => undefined);
  }
}
