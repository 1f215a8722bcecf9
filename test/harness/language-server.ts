import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { atEndOf, type Lifetime } from './cleanup.ts';
import { EventLog } from './event-log.ts';
import { NODE } from './millrace.ts';

const SERVER = fileURLToPath(import.meta.resolve('yaml-language-server/bin/yaml-language-server'));

export interface Position {
  readonly line: number;
  readonly character: number;
}

/** What the server finds wrong. */
export interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: Position };
}

export interface CompletionItem {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
  readonly insertText?: string;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A client of yaml-language-server over its standard input and output (Language Server Protocol 3.17). */
export class LanguageServer {
  readonly #folder: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #messages = new EventLog<Message>();
  #rest = Buffer.alloc(0);
  #requests = 0;
  #documents = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#child = spawn(NODE, [SERVER, '--stdio'], { cwd: folder, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#child.on('close', (code) => this.#messages.end(new Error(`the language server ended with ${code}`)));
  }

  /** Documents are opened, and schemas found, in that folder. */
  static async start(folder: string, lifetime: Lifetime = 'test'): Promise<LanguageServer> {
    const server = new LanguageServer(folder);
    atEndOf(lifetime, () => void server.#child.kill('SIGKILL'));
    const rootUri = pathToFileURL(folder).href;
    const capabilities = {
      textDocument: {
        completion: { completionItem: { documentationFormat: ['markdown'] } },
        hover: { contentFormat: ['markdown'] },
      },
      workspace: { configuration: true },
    };
    const workspaceFolders = [{ uri: rootUri, name: 'test' }];
    await server.#request('initialize', { processId: process.pid, rootUri, workspaceFolders, capabilities });
    server.#notify('initialized', {});
    return server;
  }

  /** Opens a file with that text; its URI. */
  open(text: string): string {
    const file = join(this.#folder, `document-${this.#documents++}.yaml`);
    writeFileSync(file, text);
    const uri = pathToFileURL(file).href;
    this.#notify('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return uri;
  }

  /** What is wrong with a file, once the server has looked at it. */
  async diagnose(uri: string): Promise<readonly Diagnostic[]> {
    const published = await this.#messages.find(
      ({ method, params }) =>
        method === 'textDocument/publishDiagnostics' && (params as { readonly uri: string }).uri === uri,
    );
    return (published.params as { readonly diagnostics: readonly Diagnostic[] }).diagnostics;
  }

  async complete(uri: string, position: Position): Promise<readonly CompletionItem[]> {
    const list = await this.#request('textDocument/completion', { textDocument: { uri }, position });
    return (list as { readonly items: readonly CompletionItem[] }).items;
  }

  /** Markdown; empty where nothing is known. */
  async hover(uri: string, position: Position): Promise<string> {
    const hover = await this.#request('textDocument/hover', { textDocument: { uri }, position });
    return (hover as { readonly contents: { readonly value: string } } | null)?.contents.value ?? '';
  }

  async #request(method: string, params: unknown): Promise<unknown> {
    const id = this.#requests++;
    this.#send({ id, method, params });
    const answer = await this.#messages.find((message) => message.id === id && message.method === undefined);
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  }

  #notify(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  #send(message: Message): void {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #read(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const end = this.#rest.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#rest.subarray(0, end).toString())?.[1]);
      const start = end + 4;
      if (this.#rest.length < start + length) return;
      const message = JSON.parse(this.#rest.subarray(start, start + length).toString()) as Message;
      this.#rest = this.#rest.subarray(start + length);
      this.#take(message);
    }
  }

  /** The server asks for the editor's settings: for each section that it names there are none. */
  #take(message: Message): void {
    if (message.id !== undefined && message.method !== undefined) {
      const { items = [] } = (message.params ?? {}) as { readonly items?: readonly unknown[] };
      this.#send({
        id: message.id,
        result: message.method === 'workspace/configuration' ? items.map(() => ({})) : null,
      });
    } else this.#messages.add(message);
  }
}
