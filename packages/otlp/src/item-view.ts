import { ByteWriter } from './byte-writer.ts';
import type { WireMessage } from './wire-message.ts';

/** What every item (log record, span, data point) has, whether in a batch or in the making. */
export abstract class ItemView<Context> {
  /** @internal */
  readonly message: WireMessage;
  private readonly parentView: Context | null;

  constructor(message: WireMessage, parentView: Context | null) {
    this.message = message;
    this.parentView = parentView;
    message.view = this;
  }

  /** What the item is in. An item in the making has nothing around it and throws. */
  protected get context(): Context {
    if (this.parentView === null) throw new Error('this item is in the making: it has no scope or resource of a batch');
    return this.parentView;
  }

  /** Leaves the item out. A scope or resource that loses its last item goes with it. */
  drop(): void {
    this.message.drop();
  }

  get isDropped(): boolean {
    return this.message.dropped;
  }

  /** The item's protobuf message, edits applied. */
  toBytes(): Uint8Array {
    const out = new ByteWriter();
    this.message.writeBody(out);
    return out.take();
  }

  /** @internal */
  writeBody(out: ByteWriter): void {
    this.message.writeBody(out);
  }
}
