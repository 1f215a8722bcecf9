import { Resolver } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Finding, RemoteSource } from './lookup-source.ts';

/** Names for addresses, by reverse DNS (PTR). */
export class DnsSource implements RemoteSource {
  readonly kind = 'remote';
  readonly concurrency: number;
  readonly #resolver: Resolver;

  /** `server` is `address:port`, or '' for those of the system. */
  constructor(options: { readonly server: string; readonly timeoutMs: number; readonly concurrency: number }) {
    this.concurrency = options.concurrency;
    this.#resolver = new Resolver({ timeout: options.timeoutMs, tries: 1 });
    if (options.server !== '') this.#resolver.setServers([options.server]);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): void {
    this.#resolver.cancel();
  }

  async ask(key: string): Promise<Finding> {
    if (isIP(key) === 0) return undefined;
    try {
      const [name] = await this.#resolver.reverse(key);
      return name;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTFOUND' || code === 'ENODATA') return undefined;
      throw error;
    }
  }
}
