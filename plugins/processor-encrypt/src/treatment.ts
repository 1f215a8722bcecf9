/** Turns an AnyValue, as wire bytes, into another; undefined leaves it as it is. */
export interface Treatment {
  apply(value: Uint8Array): Uint8Array | undefined;
}
