export type IdKind = 'trace' | 'span' | 'profile';

export const ID_BYTES: Readonly<Record<IdKind, number>> = { trace: 16, span: 8, profile: 16 };

/** A trace, span or profile id, of full length; pcommon.TraceID and its like. All zeros is "none". */
export class Id {
  readonly kind: IdKind;
  /** Lowercase. */
  readonly hex: string;

  constructor(kind: IdKind, hex: string) {
    this.kind = kind;
    this.hex = hex;
  }

  /** From what views show: '' is none. */
  static of(kind: IdKind, hex: string): Id {
    return new Id(kind, hex === '' ? zeros(kind) : hex);
  }

  get isEmpty(): boolean {
    return /^0*$/.test(this.hex);
  }
}

export function zeros(kind: IdKind): string {
  return '0'.repeat(ID_BYTES[kind] * 2);
}
