import type { FileSystem } from '../file-system.ts';

/** What an operation comes to when the power is cut. */
export const NEVER = new Promise<never>(() => {});

/** A file system that gives no answer any more once `lives` is false. */
export function mountedDuring(disk: FileSystem, lives: () => boolean): FileSystem {
  const during = <R>(act: () => Promise<R>): Promise<R> => (lives() ? act() : NEVER);
  return {
    makeDirectory: (path) => during(() => disk.makeDirectory(path)),
    open: (path, mode) => during(() => disk.open(path, mode)),
    list: (path) => during(() => disk.list(path)),
    status: (path) => during(() => disk.status(path)),
    rename: (from, to) => during(() => disk.rename(from, to)),
    link: (existing, path) => during(() => disk.link(existing, path)),
    unlink: (path) => during(() => disk.unlink(path)),
    touch: (path) => during(() => disk.touch(path)),
    syncDirectory: (path) => during(() => disk.syncDirectory(path)),
    freeBytes: (path) => during(() => disk.freeBytes(path)),
  };
}
