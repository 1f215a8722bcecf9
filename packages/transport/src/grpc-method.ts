import type { Body, RequestHeaders } from '@millrace/api';
import { metadataOf, remoteAddress } from './http-message.ts';
import type { RemoteEnd } from './http-message.ts';

/** Message encodings that servers take, as named in `grpc-accept-encoding`. */
export const GRPC_ENCODINGS: readonly string[] = ['identity', 'gzip', 'deflate', 'zstd', 'snappy'];

/** What is known of a call besides its message. One for each call; the getters work when asked. */
export class GrpcCallHead {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Compression of the message; empty when it is not compressed. Known once `admit` is called. */
  encoding: string;
  /** When the caller gives up, on the clock's monotonic scale in milliseconds; undefined: never. */
  readonly deadlineMs: number | undefined;
  readonly #headers: RequestHeaders;
  readonly #remote: RemoteEnd;
  readonly #includeMetadata: boolean;

  constructor(options: GrpcCallHeadOptions) {
    this.path = options.path;
    this.encoding = '';
    this.deadlineMs = options.deadlineMs;
    this.#headers = options.headers;
    this.#remote = options.remote;
    this.#includeMetadata = options.includeMetadata;
  }

  /** Remote address without the port; undefined on unix sockets. */
  get address(): string | undefined {
    return remoteAddress(this.#remote);
  }

  /** The caller's metadata without gRPC's own, where the server has `include_metadata`. */
  get metadata(): Readonly<Record<string, readonly string[]>> | undefined {
    if (!this.#includeMetadata) return undefined;
    const entries = Object.entries(metadataOf(this.#headers));
    return Object.fromEntries(entries.filter(([name]) => name !== 'te' && !name.startsWith('grpc-')));
  }
}

interface GrpcCallHeadOptions {
  readonly path: string;
  readonly headers: RequestHeaders;
  readonly remote: RemoteEnd;
  readonly deadlineMs: number | undefined;
  readonly includeMetadata: boolean;
}

/** A unary method. Nothing is called twice for one call. */
export interface GrpcMethod {
  /**
   * Asks for room before the message is read; its length is known from its prefix. Throwing a DeliveryError refuses
   * the call (UNAVAILABLE or RESOURCE_EXHAUSTED), a {@link GrpcError} with any other status.
   */
  admit(head: GrpcCallHead, expectedBytes: number): Body;
  /**
   * Answers a whole call with the bytes of the response message. Owns `body` (still compressed) from now on: passes it
   * to `consume` or releases it, whatever happens.
   */
  handle(head: GrpcCallHead, body: Body): Uint8Array | Promise<Uint8Array>;
}
