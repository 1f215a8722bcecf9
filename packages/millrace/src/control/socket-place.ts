import { lstat, mkdir, readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ComponentError } from '@millrace/api';

/** Longest path that a socket can have on Linux, in bytes, see unix(7); other systems allow a few less. */
const PATH_BYTES_MAX = 103;

/** Who runs, and with which environment; for tests. */
export interface Owner {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly pid: number;
}

export function thisOwner(): Owner {
  return { env: process.env, uid: process.getuid?.() ?? -1, pid: process.pid };
}

/** A socket of a running collector. */
export interface FoundSocket {
  readonly path: string;
  readonly pid: number;
}

/** Where a collector puts its socket when nobody names a place. */
export function defaultSocket(owner: Owner): string {
  const [directory] = socketDirectories(owner);
  return path.join(directory, `${owner.pid}.sock`);
}

/**
 * The directories in which collectors of this user have their sockets, the one for new ones first: what systemd gives a
 * service (`RuntimeDirectory=`) or a session, then the system's own for root, else one in the directory for temporary files.
 */
export function socketDirectories({ env, uid }: Owner): readonly [string, ...string[]] {
  const service = (env['RUNTIME_DIRECTORY'] ?? '').split(':')[0];
  const session = env['XDG_RUNTIME_DIR'] ?? '';
  const bases = [
    ...(path.isAbsolute(service) ? [path.join(service, 'control')] : []),
    ...(path.isAbsolute(session) ? [path.join(session, 'millrace')] : []),
    ...(uid === 0 ? ['/run/millrace'] : []),
  ];
  return [...bases, path.join(tmpdir(), `millrace-${uid}`)] as unknown as [string, ...string[]];
}

/** Makes the directory for this user alone. Throws a ComponentError where somebody else can get at it. */
export async function privateDirectory(directory: string, { uid }: Owner): Promise<void> {
  await mkdir(path.dirname(directory), { recursive: true });
  await mkdir(directory, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(directory);
  const isOwn = found.isDirectory() && (uid < 0 || found.uid === uid) && (found.mode & 0o077) === 0;
  if (isOwn) return;
  throw new ComponentError(`the directory ${directory} is not for this user alone`, {
    code: 'CONTROL_DIRECTORY',
    remedy: `make it one (chown, chmod 700), remove it, or name another place with service.control.path`,
  });
}

/** Throws a ComponentError for a path that no socket can have. */
export function refuseLongPath(socket: string): void {
  const bytes = Buffer.byteLength(socket);
  if (bytes <= PATH_BYTES_MAX) return;
  throw new ComponentError(`${socket} is too long for a socket: ${bytes} bytes of at most ${PATH_BYTES_MAX}`, {
    code: 'CONTROL_PATH',
    remedy: 'name a shorter one with service.control.path',
  });
}

/**
 * The sockets of collectors that this user runs, by directory, the one for new ones first; leftovers of dead collectors are
 * not among them, nor are directories without any.
 */
export async function runningSockets(owner: Owner): Promise<readonly (readonly FoundSocket[])[]> {
  const elsewhere = [`/run/user/${owner.uid}/millrace`, '/run/millrace', '/run/millrace/control'];
  const directories = new Set([...socketDirectories(owner), ...elsewhere]);
  const found = await Promise.all([...directories].map(runningIn));
  return found.filter((sockets) => sockets.length > 0);
}

async function runningIn(directory: string): Promise<readonly FoundSocket[]> {
  const sockets = await socketsIn(directory);
  const states = await Promise.all(sockets.map(({ path: socket }) => probe(socket)));
  return sockets.filter((_, index) => states[index] === 'answers');
}

/** By the names that collectors give them; none where there is no such directory. */
export async function socketsIn(directory: string): Promise<readonly FoundSocket[]> {
  const names = await readdir(directory).catch(() => []);
  return names.flatMap((name) => {
    const pid = /^(\d+)\.sock$/.exec(name)?.[1];
    return pid === undefined ? [] : [{ path: path.join(directory, name), pid: Number(pid) }];
  });
}

/** Whether a process listens there, or whether that is not for this user to know. */
export async function probe(socket: string): Promise<'answers' | 'dead' | 'foreign'> {
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const connection = connect(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(undefined);
    });
    connection.once('error', resolve);
  });
  if (error === undefined) return 'answers';
  return error.code === 'EACCES' || error.code === 'EPERM' ? 'foreign' : 'dead';
}
