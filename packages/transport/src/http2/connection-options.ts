import type { Socket } from 'node:net';
import type { Clock } from '@millrace/api';
import type { LocalSettings } from './settings.ts';

/** What the owner of a connection is told. */
export interface ConnectionHandler {
  /** The peer has sent its settings, at first and whenever it changes them. */
  onSettings?(): void;
  onPing?(): void;
  onGoaway?(lastStreamId: number, code: number, data: string): void;
  /** Comes once: no new streams from now on. */
  onGone?(): void;
  /** A stream has ended, in whatever way. */
  onStreamClosed?(): void;
  /** Comes once, when the socket is closed. `reason` is missing where the end was orderly. */
  onClose(reason: Error | undefined): void;
}

export interface ConnectionOptions {
  /** Connected, or connecting; nobody else reads from it or writes to it. */
  readonly socket: Socket;
  readonly clock: Clock;
  readonly settings: LocalSettings;
  readonly handler: ConnectionHandler;
}
