import type { ServerResponse } from 'node:http';

/** What a slow reader may leave unread; what comes beyond is left out. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;

/** Lines of JSON (https://github.com/ndjson/ndjson-spec) to one reader, for as long as it reads. Never waits for it. */
export class LineStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    response.flushHeaders();
  }

  /** False where the reader is behind, and the line was left out. */
  write(line: object): boolean {
    const response = this.#response;
    if (response.destroyed || response.writableLength > UNREAD_BYTES_MAX) return false;
    response.write(`${JSON.stringify(line)}\n`);
    return true;
  }

  /** Called once, when the reader has gone or the server closes. */
  onEnd(callback: () => void): void {
    this.#response.once('close', callback);
  }
}
