import type { ComponentState, DeliveryError } from '@millrace/api';

/** What a component remembers, in memory; a test looks into it, and lets it fail. */
export class FakeState implements ComponentState {
  readonly values = new Map<string, Uint8Array>();
  /** Keys in the order in which they were set or deleted. */
  readonly written: string[] = [];
  /** Refuses every change while it is set. */
  refusal: DeliveryError | undefined;

  get(key: string): Uint8Array | undefined {
    return this.values.get(key);
  }

  async set(key: string, value: Uint8Array): Promise<void> {
    // As on a disk: later than now, and only then to be seen.
    await Promise.resolve();
    if (this.refusal !== undefined) throw this.refusal;
    this.values.set(key, value);
    this.written.push(key);
  }

  async delete(key: string): Promise<void> {
    await Promise.resolve();
    if (this.refusal !== undefined) throw this.refusal;
    this.values.delete(key);
    this.written.push(key);
  }

  keys(): readonly string[] {
    return [...this.values.keys()];
  }
}
