/** Kinds of records: about 100 bytes, 300 bytes and 2 kB on the wire, and values nested in values. */
export const SHAPE_NAMES = ['small', 'typical', 'fat', 'deep'] as const;
export type ShapeName = (typeof SHAPE_NAMES)[number];

/** What records hold. Lengths are rough but for those that are named here. */
export interface Shape {
  readonly name: ShapeName;
  /** Attributes of each record, span or data point; more than the corpus has names for get invented ones. */
  readonly attributes: number;
  /** Exact length of a record's body, or of the message of a span's event, in bytes; undefined: what the shape has. */
  readonly bodyBytes: number | undefined;
  /** How many different values an id or an address takes; undefined: nearly each one is new. */
  readonly distinct: number | undefined;
}

const ATTRIBUTES: Readonly<Record<ShapeName, number>> = { small: 2, typical: 5, fat: 15, deep: 5 };
/** Data points come from a bounded set of series: this many values of each attribute. */
const POINT_VALUES = 50;

/** A named shape, with changes. */
export function shapeOf(
  name: ShapeName,
  signal: 'logs' | 'traces' | 'metrics',
  change: Partial<Pick<Shape, 'attributes' | 'bodyBytes' | 'distinct'>> = {},
): Shape {
  return {
    name,
    attributes: change.attributes ?? ATTRIBUTES[name],
    bodyBytes: change.bodyBytes,
    distinct: change.distinct ?? (signal === 'metrics' ? POINT_VALUES : undefined),
  };
}
