import { type ExporterHost, type Outgoing, permanent, type Signal, type Sink } from '@millrace/api';
import { decodeResponse, decodeResponseJson, HTTP_PATHS } from '@millrace/otlp';
import { HttpClient, type HttpReply, shownUrl } from '@millrace/transport';
import { codecOf } from './body-encoder.ts';
import type { OtlpHttpConfig } from './index.ts';

/** Posts request bodies to the URL of their signal. */
export class OtlpHttpSink implements Sink {
  readonly #config: OtlpHttpConfig;
  readonly #host: ExporterHost;
  readonly #client: HttpClient;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(config: OtlpHttpConfig, host: ExporterHost) {
    this.#config = config;
    this.#host = host;
    const { clock, logger, extension, version } = host;
    this.#client = new HttpClient({ config, clock, logger, extension, userAgent: `millrace/${version}` });
    const codec = codecOf(config);
    this.#headers = {
      'content-type': config.encoding === 'json' ? 'application/json' : 'application/x-protobuf',
      ...(codec === undefined ? {} : { 'content-encoding': codec }),
    };
  }

  async start(): Promise<void> {
    await this.#client.start();
    const { endpoint } = this.#config;
    this.#host.announce('sends', endpoint === undefined ? 'one endpoint per signal' : shownUrl(endpoint));
  }

  shutdown(): void {
    this.#client.shutdown();
  }

  async send({ signal, bytes, abort }: Outgoing): Promise<void> {
    const reply = await this.#client.post(this.#urlOf(signal), { body: bytes, headers: this.#headers, abort });
    const partial = partialSuccessOf(signal, reply);
    if (partial === undefined) return;
    if (partial.rejected === 0) {
      this.#host.logger.warn('the destination accepted a request with a warning', { signal, reason: partial.message });
      return;
    }
    throw permanent(`the destination rejected ${partial.rejected} items: ${partial.message}`, {
      code: 'PARTIAL_SUCCESS',
      failedItems: partial.rejected,
    });
  }

  #urlOf(signal: Signal): string {
    const { endpoint } = this.#config;
    const own = this.#config[`${signal}_endpoint`];
    if (own !== undefined) return own;
    if (endpoint !== undefined) return withPath(endpoint, HTTP_PATHS[signal]);
    throw permanent(`no endpoint for ${signal} is configured`, { code: 'NO_ENDPOINT' });
  }
}

/** Appends to the path of a URL; its query stays behind it. */
function withPath(url: string, path: string): string {
  const [, base = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(url) ?? [];
  return `${base.replace(/\/$/, '')}${path}${rest}`;
}

/** What the reply says beyond "taken"; a body that cannot be read says nothing. */
function partialSuccessOf(signal: Signal, { headers, body }: HttpReply) {
  if (body.length === 0) return undefined;
  const type = headers['content-type'] ?? '';
  try {
    if (type.startsWith('application/x-protobuf')) return decodeResponse(body);
    if (type.startsWith('application/json')) return decodeResponseJson(signal, body);
  } catch {
    // The status was 2xx: the data was taken, whatever stands in the body.
  }
  return undefined;
}
