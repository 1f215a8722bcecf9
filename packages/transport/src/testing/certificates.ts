import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An authority with a server's and a client's certificate, made by the `openssl` program in a directory of its own. */
export class Certificates {
  readonly directory = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  readonly caFile = join(this.directory, 'ca.crt');
  readonly caKeyFile = join(this.directory, 'ca.key');

  constructor(name = 'Millrace test authority') {
    const args = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    this.#openssl(['req', ...args, '-subj', `/CN=${name}`, '-keyout', this.caKeyFile, '-out', this.caFile]);
  }

  /** A certificate for localhost, 127.0.0.1 and `name`, signed by the authority. */
  issue(name: string): { readonly certFile: string; readonly keyFile: string } {
    const [certFile, keyFile, request, extensions] = ['crt', 'key', 'csr', 'ext'].map((suffix) =>
      join(this.directory, `${name}.${suffix}`),
    );
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
    this.#openssl(['req', '-new', ...key, '-subj', `/CN=${name}`, '-out', request]);
    writeFileSync(extensions, `subjectAltName=DNS:localhost,DNS:${name},IP:127.0.0.1\n`);
    const signer = ['-CA', this.caFile, '-CAkey', this.caKeyFile, '-CAcreateserial'];
    this.#openssl(['x509', '-req', '-in', request, ...signer, '-days', '2', '-extfile', extensions, '-out', certFile]);
    chmodSync(keyFile, 0o600);
    return { certFile, keyFile };
  }

  read(file: string): string {
    return readFileSync(file, 'utf8');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  #openssl(args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}
