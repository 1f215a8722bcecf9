import { writeSync } from 'node:fs';
import type { ReadStream, WriteStream } from 'node:tty';

const STDOUT = 1;
const ENTER = '\u001B[?1049h\u001B[?25l';
const LEAVE = '\u001B[?25h\u001B[?1049l';
const HOME = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

/** What was typed. */
export type Key = 'up' | 'down' | 'enter' | 'escape' | 'interrupt' | (string & {});

const SEQUENCES: ReadonlyMap<string, Key> = new Map([
  ['\u001B[A', 'up'],
  ['\u001BOA', 'up'],
  ['\u001B[B', 'down'],
  ['\u001BOB', 'down'],
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\u001B', 'escape'],
  ['\u0003', 'interrupt'],
  ['\u0004', 'interrupt'],
]);

/**
 * The whole terminal for one program, and given back as it was at every end: the alternate screen of xterm
 * (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html), without a cursor, keys unbuffered.
 */
export class Screen {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #onExit = () => this.#restore();
  #isOpen = false;
  #onKey: (key: Key) => void = () => undefined;
  readonly #onData = (data: Buffer) => {
    for (const key of keysOf(data.toString())) this.#onKey(key);
  };

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
  }

  /** Whoever ends the process, the terminal is restored. */
  open(): void {
    this.#isOpen = true;
    process.once('exit', this.#onExit);
    this.#output.write(ENTER);
    this.#input.setRawMode(true);
    this.#input.on('data', this.#onData);
    this.#input.resume();
  }

  close(): void {
    this.#restore();
    process.off('exit', this.#onExit);
    this.#input.off('data', this.#onData);
    this.#input.pause();
  }

  /** Who gets the keys from now on. */
  onKey(listener: (key: Key) => void): void {
    this.#onKey = listener;
  }

  /** Terminals may not know their size. */
  get size(): { readonly columns: number; readonly lines: number } {
    return { columns: this.#output.columns || 80, lines: this.#output.rows || 24 };
  }

  /** Draws over what was there, without flickering. */
  draw(lines: readonly string[]): void {
    if (this.#isOpen)
      this.#output.write(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join('\r\n')}${CLEAR_BELOW}`);
  }

  clear(): void {
    this.draw([]);
  }

  #restore(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#input.setRawMode(false);
    try {
      // At the end of a process nothing that waits is written.
      writeSync(STDOUT, LEAVE);
    } catch {
      // The terminal is gone.
    }
  }
}

const ESCAPE = String.fromCharCode(0x1b);
/** Sequences of keys that have no character, or one character. */
const KEY = new RegExp(String.raw`${ESCAPE}(?:\[[0-9;]*[A-Za-z~]|O[A-Z])?|[^]`, 'gu');

/** The keys of what came at once. */
export function keysOf(text: string): Key[] {
  const keys: Key[] = [];
  for (const [part] of text.matchAll(KEY)) keys.push(SEQUENCES.get(part) ?? part);
  return keys;
}
