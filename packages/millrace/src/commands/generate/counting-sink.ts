import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ComponentError, type Decoder, type Definition, type Lifecycle, messageOf, permanent } from '@millrace/api';
import { loadConfigObject } from '@millrace/config';
import { Arrivals } from '@millrace/load';
import { PluginRegistry } from '../../registry.ts';
import { COUNTING_TOOLS, CountingHost } from './counting-host.ts';

export interface SinkOptions {
  /** `http(s)://host:port`, `grpc(s)://host:port`. */
  readonly listen: readonly string[];
  /** `host:port` where the counts can be asked for. */
  readonly counts: string;
  /** Certificate and key of `https` and `grpcs`. */
  readonly cert?: string;
  readonly key?: string;
}

const MESSAGE_MIB_MAX = 64;

/** The otlp receiver in front of nothing but counts, and a server that tells them. */
export class CountingSink {
  readonly arrivals = new Arrivals();
  readonly #options: SinkOptions;
  readonly #server: Server;
  #receivers: readonly Lifecycle[] = [];
  #places: readonly string[] = [];

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      const [, run] = /^\/runs\/([0-9a-f]+)$/.exec(request.url ?? '') ?? [];
      if (run === undefined) response.end(`${JSON.stringify(this.arrivals.totals)}\n`);
      else response.end(this.arrivals.numbersOf(run)?.bytes ?? Buffer.alloc(0));
    });
  }

  /** Where it takes telemetry, with the ports in use. */
  get places(): readonly string[] {
    return this.#places;
  }

  /** URL of its counts. */
  get countsUrl(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address.includes(':') ? `[${address}]` : address}:${port}`;
  }

  /** Throws a ComponentError or a ConfigErrors. */
  async start(): Promise<void> {
    const places: string[] = [];
    const receivers: Lifecycle[] = [];
    this.#receivers = receivers;
    for (const place of this.#options.listen) {
      const { definition, config } = await receiverFor(place, this.#options);
      const decoder = definition.decoder?.(config, COUNTING_TOOLS) as Decoder;
      const host = new CountingHost({
        announce: (where) => void places.push(where),
        take: (signal, body, form) => this.#count(signal, decoder.decode(signal, body, form)),
      });
      const receiver = definition.create(config, host);
      receivers.push(receiver);
      await receiver.start?.();
    }
    this.#places = places;
    await this.#listen();
  }

  async shutdown(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    for (const receiver of this.#receivers) await receiver.shutdown?.();
  }

  #count(...[signal, request]: Parameters<Arrivals['add']>): number {
    try {
      return this.arrivals.add(signal, request);
    } catch (error) {
      throw permanent(`cannot read the request: ${messageOf(error)}`, { code: 'INVALID_MESSAGE', cause: error });
    }
  }

  #listen(): Promise<void> {
    const [, host, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(this.#options.counts) ?? [];
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(
          new ComponentError(`cannot listen on --counts ${this.#options.counts}: ${error.message}`, {
            code: 'LISTEN_FAILED',
          }),
        );
      });
      this.#server.listen(Number(port), host, resolve);
    });
  }
}

async function receiverFor(place: string, { cert, key }: SinkOptions) {
  const [, protocol = '', secure, endpoint = ''] = /^(http|grpc)(s?):\/\/([^/]+:\d+)\/?$/.exec(place) ?? [];
  if (protocol === '') {
    throw new ComponentError(`--listen ${place}: is no address`, {
      code: 'LISTEN_INVALID',
      remedy: 'write http://127.0.0.1:4318, grpc://127.0.0.1:4317, or https and grpcs with --cert and --key',
    });
  }
  const limit =
    protocol === 'http'
      ? { max_request_body_size: MESSAGE_MIB_MAX * 1024 * 1024 }
      : { max_recv_msg_size_mib: MESSAGE_MIB_MAX };
  const tls = secure === 's' ? { tls: { cert_file: cert, key_file: key } } : {};
  const value = {
    receivers: { otlp: { protocols: { [protocol]: { endpoint, ...limit, ...tls } } } },
    exporters: { nop: {} },
    service: { pipelines: { logs: { receivers: ['otlp'], exporters: ['nop'] } } },
  };
  const { config } = await loadConfigObject(value, { registry: new PluginRegistry() });
  const found = config.receivers.get('otlp');
  return { definition: found?.definition as Definition<'receiver'>, config: found?.config as never };
}
