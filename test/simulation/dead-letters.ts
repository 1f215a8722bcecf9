import { crc32 } from 'node:zlib';
import type { SimulatedFileSystem } from '@millrace/delivery/simulated-file-system';
import { jsonToProto } from '@millrace/otlp';
import { type ArrivedItem, itemsIn, type SimulatedSignal } from './items.ts';

/** Where dead letters are left as files. */
export const DEAD_LETTERS = '/dead';

interface Letter {
  readonly component: string;
  readonly reason: string;
  readonly ids: readonly number[];
  readonly intact: boolean;
}

/** What is in the dead letter files of a disk in the end. */
export class DeadLetters {
  /** How often an item is there, by the component that gave it up. */
  readonly #items = new Map<string, Map<number, number>>();
  /** Lines that are not what was written. */
  readonly damaged: string[] = [];

  constructor(disk: SimulatedFileSystem) {
    for (const file of disk.files) {
      if (!file.startsWith(`${DEAD_LETTERS}/dead-letter-`)) continue;
      for (const line of disk.inode(file).content.toString('latin1').split('\n')) {
        if (line !== '') this.#add(Buffer.from(line, 'latin1'));
      }
    }
  }

  /** How many items there are. */
  get size(): number {
    return [...this.#items.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** By `exporter "sim/1"`, for example. */
  count(component: string, id: number): number {
    return this.#items.get(component)?.get(id) ?? 0;
  }

  /** Whether something that stands before exporters left it there. */
  isLeftOnTheWay(id: number): boolean {
    return [...this.#items].some(([component, ids]) => isOnTheWay(component) && ids.has(id));
  }

  #add(line: Buffer): void {
    const letter = letterOf(line);
    if (letter === undefined || !letter.intact || letter.reason === '') {
      this.damaged.push(line.toString().slice(0, 60));
      return;
    }
    const known = this.#items.get(letter.component) ?? new Map<number, number>();
    this.#items.set(letter.component, known);
    for (const id of letter.ids) known.set(id, (known.get(id) ?? 0) + 1);
  }
}

/** A stage, or a connector with a queue. */
export function isOnTheWay(component: string): boolean {
  return component.startsWith('stage ') || component.startsWith('connector ');
}

/** Who gave up what, as far as a line can be read. */
export function itemsOfLine(line: Buffer): Pick<Letter, 'component' | 'ids'> {
  return letterOf(line) ?? { component: '', ids: [] };
}

function letterOf(line: Buffer): Letter | undefined {
  try {
    const { millrace_dead_letter: header } = JSON.parse(line.toString()) as {
      millrace_dead_letter: {
        component: string;
        signal: SimulatedSignal;
        reason: string;
        crc32: string;
        payload?: string;
      };
    };
    const { component, signal, reason, payload } = header;
    const bytes = payload === undefined ? jsonToProto(signal, line) : new Uint8Array(Buffer.from(payload, 'base64'));
    const items = itemsIn(signal, bytes);
    const isWhole = crc32(bytes).toString(16).padStart(8, '0') === header.crc32;
    const intact = isWhole && items.every((item: ArrivedItem) => item.intact && item.labels.size === 0);
    return { component, reason, ids: items.map(({ id }) => id), intact };
  } catch {
    return undefined;
  }
}
