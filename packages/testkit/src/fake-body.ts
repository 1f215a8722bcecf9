import type { Body } from '@millrace/api';
import type { Ledger } from './ledger.ts';

/** A request body in ordinary memory, whose ledger knows who gives it back. */
export class FakeBody implements Body {
  readonly #ledger: Ledger;
  #bytes = new Uint8Array(0);

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    ledger.enter(this, 'a body that was neither consumed nor released');
  }

  append(chunk: Uint8Array): void {
    this.#ledger.check(this, 'a body was appended to after its end');
    const longer = new Uint8Array(this.#bytes.length + chunk.length);
    longer.set(this.#bytes);
    longer.set(chunk, this.#bytes.length);
    this.#bytes = longer;
  }

  get bytes(): Uint8Array {
    this.#ledger.check(this, 'a body was read after its end');
    return this.#bytes;
  }

  /** What `consume` does with it. */
  take(): Uint8Array {
    this.#ledger.check(this, 'a body was consumed after its end');
    this.#ledger.leave(this);
    return this.#bytes;
  }

  /** May be called again, as the interface allows. */
  release(): void {
    this.#ledger.leave(this);
  }
}
