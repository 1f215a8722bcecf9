import {
  ComponentError,
  type ExtensionHost,
  messageOf,
  type RequestHeaders,
  type ServerAuthenticator,
} from '@millrace/api';
import { WatchedText } from '@millrace/transport';
import { parseUsers, type Users, UNKNOWN_USER } from './htpasswd.ts';
import type { BasicAuthConfig } from './index.ts';

const UNKNOWN = 'the user name or the password is wrong';

/** Checks names and passwords against the lines of an htpasswd file. */
export class PasswordCheck implements ServerAuthenticator {
  readonly challenge = 'Basic realm="millrace", charset="UTF-8"';
  readonly #inline: string;
  readonly #file: WatchedText | undefined;
  #users: Users = new Map();

  constructor({ file, inline = '' }: NonNullable<BasicAuthConfig['htpasswd']>, { clock, logger }: ExtensionHost) {
    this.#inline = inline;
    const onChange = (text: string) => void (this.#users = parseUsers(`${text}\n${inline}`));
    this.#file =
      file === undefined ? undefined : new WatchedText({ file, what: 'the password file', clock, logger, onChange });
  }

  async start(): Promise<void> {
    if (this.#file !== undefined) return this.#file.start();
    try {
      this.#users = parseUsers(this.#inline);
    } catch (cause) {
      const remedy = 'write user:password lines as htpasswd -s makes them, or with {SSHA}';
      throw new ComponentError(`htpasswd.inline: ${messageOf(cause)}`, { code: 'HTPASSWD_MALFORMED', remedy, cause });
    }
  }

  shutdown(): void {
    this.#file?.shutdown();
  }

  refuse(headers: RequestHeaders): string | undefined {
    const value = [headers['authorization'] ?? []].flat()[0];
    if (value === undefined) return 'the header "authorization" with a user name and a password is missing';
    const [, encoded] = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(value) ?? [];
    if (encoded === undefined) return 'the header "authorization" has another scheme than Basic';
    const decoded = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon === -1) return 'the header "authorization" holds no user name and password';
    // Somebody who does not exist takes as long as somebody with a wrong password.
    const user = this.#users.get(decoded.slice(0, colon));
    const isRight = (user ?? UNKNOWN_USER)(decoded.slice(colon + 1));
    return isRight && user !== undefined ? undefined : UNKNOWN;
  }
}
