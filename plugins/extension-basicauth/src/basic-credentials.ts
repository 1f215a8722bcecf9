import type { ClientAuthenticator, ExtensionHost } from '@millrace/api';
import { WatchedText } from '@millrace/transport';
import type { BasicAuthConfig } from './index.ts';

/** The name and the password that clients send. */
export class BasicCredentials implements ClientAuthenticator {
  readonly #files: readonly WatchedText[];
  #name: string;
  #password: string;
  #credentials: Readonly<Record<string, string>> = {};

  constructor(settings: NonNullable<BasicAuthConfig['client_auth']>, { clock, logger }: ExtensionHost) {
    this.#name = settings.username ?? '';
    this.#password = settings.password ?? '';
    const watch = (file: string | undefined, what: string, use: (text: string) => void) =>
      file === undefined
        ? []
        : [new WatchedText({ file, what, clock, logger, onChange: (text) => this.#change(use, text) })];
    this.#files = [
      ...watch(settings.username_file, 'the file of the user name', (text) => (this.#name = text)),
      ...watch(settings.password_file, 'the file of the password', (text) => (this.#password = text)),
    ];
    this.#encode();
  }

  async start(): Promise<void> {
    for (const file of this.#files) await file.start();
  }

  shutdown(): void {
    for (const file of this.#files) file.shutdown();
  }

  credentials(): Readonly<Record<string, string>> {
    return this.#credentials;
  }

  #change(use: (text: string) => void, text: string): void {
    use(text.trim());
    this.#encode();
  }

  #encode(): void {
    const encoded = Buffer.from(`${this.#name}:${this.#password}`, 'utf8').toString('base64');
    this.#credentials = { authorization: `Basic ${encoded}` };
  }
}
