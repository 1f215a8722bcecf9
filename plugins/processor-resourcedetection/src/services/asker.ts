import { request as plainRequest } from 'node:http';

/** One request to a service of the platform. */
export interface Question {
  readonly method?: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** Path of a Unix socket to ask over. */
  readonly socketPath?: string;
}

/** Asks over plain HTTP, without a proxy, as these services are on the machine itself or one hop away. */
export interface Asker {
  /** The body of the answer. Rejects with {@link NoAnswer} when there is none, or one that is not 200. */
  text(url: string, question?: Question): Promise<string>;
}

/** Why a service told nothing. */
export class NoAnswer extends Error {
  /** HTTP status; undefined where there was no answer at all. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

/** No metadata that anybody reads is nearly as long. */
const ANSWER_BYTES_MAX = 1024 * 1024;

/** Gives up on everything when `signal` is aborted. */
export class HttpAsker implements Asker {
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  text(url: string, { method = 'GET', headers = {}, socketPath }: Question = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => reject(new NoAnswer(`${url}: ${error.message}`));
      const options = {
        method,
        headers,
        signal: this.#signal,
        agent: false,
        ...(socketPath && { socketPath }),
      } as const;
      const asked = plainRequest(url, options, (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > ANSWER_BYTES_MAX) response.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('error', fail);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
          else reject(new NoAnswer(`${url}: status ${response.statusCode}`, response.statusCode));
        });
      });
      asked.on('error', fail);
      asked.end();
    });
  }
}

/** A JSON object that a service answered. */
export async function askJson<T>(asker: Asker, url: string, question?: Question): Promise<Partial<T>> {
  const text = await asker.text(url, question);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new NoAnswer(`${url}: the answer is no JSON object`);
}

/** As `text`, or undefined where the service answers that there is no such thing. */
export async function askIfThere(asker: Asker, url: string, question?: Question): Promise<string | undefined> {
  try {
    return await asker.text(url, question);
  } catch (error) {
    if (error instanceof NoAnswer && error.status === 404) return undefined;
    throw error;
  }
}
