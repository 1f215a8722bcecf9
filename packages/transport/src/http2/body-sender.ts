import { SendWindow, WINDOW_BYTES_DEFAULT } from './flow-control.ts';
import { FrameFlag, FrameType } from './frame.ts';
import type { Output } from './output.ts';
import type { RemoteSettings } from './settings.ts';
import type { Http2Stream } from './stream.ts';

/** Bodies are sent while less than this waits for the kernel. */
export const OUTPUT_BYTES_MAX = 1024 * 1024;
/** DATA frames are not made longer than this, whatever the peer takes, so that streams take turns. */
const DATA_FRAME_BYTES_MAX = 256 * 1024;
/** Shorter frames do not entitle a peer to anything, unless they end a body. */
const USEFUL_DATA_BYTES = 1024;

export interface BodySenderOptions {
  readonly output: Output;
  readonly remote: RemoteSettings;
  /** A frame has been sent that the peer may answer, with a WINDOW_UPDATE for example. */
  readonly onUseful: () => void;
  /** The whole body of a stream has been sent. */
  readonly onSent: (stream: Http2Stream) => void;
}

/**
 * Sends the bodies of a connection's streams in DATA frames, as far as windows and the kernel allow; streams take turns.
 * Hot: measured in benchmarks/micro/transport.
 */
export class BodySender {
  readonly #options: BodySenderOptions;
  /** The window of the whole connection. */
  readonly #window: SendWindow;
  /** Streams whose windows allow something, in turn. */
  readonly #waiting: Http2Stream[];

  constructor(options: BodySenderOptions) {
    this.#options = options;
    this.#window = new SendWindow(WINDOW_BYTES_DEFAULT);
    this.#waiting = [];
  }

  /** The peer allows more on the connection; false when its window becomes too large. */
  grow(bytes: number): boolean {
    return this.#window.grow(bytes);
  }

  /** Puts a stream in line, where it has something to send and may. */
  add(stream: Http2Stream): void {
    if (stream.isWaiting || stream.isClosed || stream.bodyBytes === 0 || stream.sendWindow.available <= 0) return;
    stream.isWaiting = true;
    this.#waiting.push(stream);
  }

  /** Sends what may be sent now; to be called again when windows grow, and when the kernel has taken everything. */
  run(): void {
    const { output } = this.#options;
    while (this.#waiting.length > 0 && this.#window.available > 0) {
      if (output.pendingBytes >= OUTPUT_BYTES_MAX) {
        output.flush();
        if (output.pendingBytes >= OUTPUT_BYTES_MAX) return;
      }
      const stream = this.#waiting.shift() as Http2Stream;
      stream.isWaiting = false;
      if (stream.isClosed) continue;
      this.#sendFrame(stream);
      this.add(stream);
    }
  }

  #sendFrame(stream: Http2Stream): void {
    const { output, remote, onUseful, onSent } = this.#options;
    const frameBytesMax = Math.min(remote.frameBytesMax, DATA_FRAME_BYTES_MAX);
    const length = Math.min(stream.bodyBytes, frameBytesMax, this.#window.available, stream.sendWindow.available);
    // A peer may have reduced the window since the stream was put in line.
    if (length <= 0) return;
    const isLast = length === stream.bodyBytes;
    const flags = isLast && stream.trailers === undefined ? FrameFlag.END_STREAM : 0;
    this.#window.available -= length;
    stream.sendWindow.available -= length;
    output.frameHead(FrameType.DATA, flags, stream.id, length);
    stream.moveBody(length, output);
    stream.bodyEnd = output.totalBytes;
    if (isLast || length >= USEFUL_DATA_BYTES) onUseful();
    if (isLast) onSent(stream);
  }
}
