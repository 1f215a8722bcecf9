/** How the fields of views correspond to those of decoded objects, for tests that edit both and compare. */
import type { Plain, PlainValue } from './oracle.ts';

export type FieldType =
  'u64' | 'count' | 'int' | 'uint' | 'text' | 'hex' | 'bool' | 'double?' | 'double' | 'u64s' | 'doubles';
/** Name in the view, type, and name in the decoded object where it differs (`status.code` reaches into a submessage). */
export type FieldSpec = readonly [name: string, type: FieldType, plain?: string];

export interface NodeSpec {
  readonly fields: readonly FieldSpec[];
  /** The attributes' name in the view (the decoded object's is `attributes` but for exemplars) */
  readonly attributes?: string;
  /** asInt and asDouble. */
  readonly number?: boolean;
  /** Lists inside of an item: name, and the view's method that appends. */
  readonly lists?: readonly (readonly [name: string, append: string, spec: NodeSpec])[];
}

export const RESOURCE_SPEC: NodeSpec = {
  fields: [
    ['schemaUrl', 'text'],
    ['droppedAttributesCount', 'uint', 'resource.droppedAttributesCount'],
  ],
  attributes: 'resource.attributes',
};
export const SCOPE_SPEC: NodeSpec = {
  fields: [
    ['schemaUrl', 'text'],
    ['name', 'text', 'scope.name'],
    ['version', 'text', 'scope.version'],
    ['droppedAttributesCount', 'uint', 'scope.droppedAttributesCount'],
  ],
  attributes: 'scope.attributes',
};
export const LOG_SPEC: NodeSpec = {
  fields: [
    ['timeUnixNano', 'u64'],
    ['observedTimeUnixNano', 'u64'],
    ['severityNumber', 'int'],
    ['severityText', 'text'],
    ['droppedAttributesCount', 'uint'],
    ['flags', 'uint'],
    ['traceId', 'hex'],
    ['spanId', 'hex'],
    ['eventName', 'text'],
  ],
  attributes: 'attributes',
};
const EVENT_SPEC: NodeSpec = {
  fields: [
    ['timeUnixNano', 'u64'],
    ['name', 'text'],
    ['droppedAttributesCount', 'uint'],
  ],
  attributes: 'attributes',
};
const LINK_SPEC: NodeSpec = {
  fields: [
    ['traceId', 'hex'],
    ['spanId', 'hex'],
    ['traceState', 'text'],
    ['droppedAttributesCount', 'uint'],
    ['flags', 'uint'],
  ],
  attributes: 'attributes',
};
export const SPAN_SPEC: NodeSpec = {
  fields: [
    ['traceId', 'hex'],
    ['spanId', 'hex'],
    ['traceState', 'text'],
    ['parentSpanId', 'hex'],
    ['flags', 'uint'],
    ['name', 'text'],
    ['kind', 'int'],
    ['startTimeUnixNano', 'u64'],
    ['endTimeUnixNano', 'u64'],
    ['droppedAttributesCount', 'uint'],
    ['droppedEventsCount', 'uint'],
    ['droppedLinksCount', 'uint'],
    ['statusMessage', 'text', 'status.message'],
    ['statusCode', 'int', 'status.code'],
  ],
  attributes: 'attributes',
  lists: [
    ['events', 'addEvent', EVENT_SPEC],
    ['links', 'addLink', LINK_SPEC],
  ],
};
const EXEMPLAR_SPEC: NodeSpec = {
  fields: [
    ['timeUnixNano', 'u64'],
    ['spanId', 'hex'],
    ['traceId', 'hex'],
  ],
  attributes: 'filteredAttributes',
  number: true,
};
const TIMES: readonly FieldSpec[] = [
  ['startTimeUnixNano', 'u64'],
  ['timeUnixNano', 'u64'],
  ['flags', 'uint'],
];
const EXEMPLARS = [['exemplars', 'addExemplar', EXEMPLAR_SPEC]] as const;
export const POINT_SPECS: Record<string, NodeSpec> = {
  number: { fields: TIMES, attributes: 'attributes', number: true, lists: EXEMPLARS },
  histogram: {
    fields: [
      ...TIMES,
      ['count', 'count'],
      ['sum', 'double?'],
      ['min', 'double?'],
      ['max', 'double?'],
      ['bucketCounts', 'u64s'],
      ['explicitBounds', 'doubles'],
    ],
    attributes: 'attributes',
    lists: EXEMPLARS,
  },
  exponentialHistogram: {
    fields: [
      ...TIMES,
      ['count', 'count'],
      ['sum', 'double?'],
      ['scale', 'int'],
      ['zeroCount', 'count'],
      ['min', 'double?'],
      ['max', 'double?'],
      ['zeroThreshold', 'double'],
      ['positive.offset', 'int'],
      ['positive.bucketCounts', 'u64s'],
      ['negative.bucketCounts', 'u64s'],
    ],
    attributes: 'attributes',
    lists: EXEMPLARS,
  },
  summary: {
    fields: [...TIMES, ['count', 'count'], ['sum', 'double']],
    attributes: 'attributes',
    lists: [
      [
        'quantileValues',
        'addQuantileValue',
        {
          fields: [
            ['quantile', 'double'],
            ['value', 'double'],
          ],
        },
      ],
    ],
  },
};
export const METRIC_SPEC: NodeSpec = {
  fields: [
    ['name', 'text'],
    ['description', 'text'],
    ['unit', 'text'],
  ],
  attributes: 'metadata',
};

/** Where a dotted path leads: the object that holds it (made on demand) and the last name. */
function resolve(
  node: Record<string, unknown>,
  path: string,
  make: boolean,
): [Record<string, unknown> | undefined, string] {
  const names = path.split('.');
  let holder: Record<string, unknown> | undefined = node;
  for (const name of names.slice(0, -1)) {
    if (holder?.[name] === undefined && make) holder![name] = {};
    holder = holder?.[name] as Record<string, unknown> | undefined;
  }
  return [holder, names.at(-1)!];
}

export function getPath(node: unknown, path: string): unknown {
  const [holder, name] = resolve(node as Record<string, unknown>, path, false);
  return holder?.[name];
}

/** Sets a view's property, also to undefined. */
export function assign(view: unknown, path: string, value: unknown): void {
  const [holder, name] = resolve(view as Record<string, unknown>, path, false);
  holder![name] = value;
}

/** Sets a field of a decoded object; undefined removes it. */
export function setPath(node: unknown, path: string, value: unknown): void {
  const [holder, name] = resolve(node as Record<string, unknown>, path, value !== undefined);
  if (holder === undefined) return;
  if (value === undefined) delete holder[name];
  else holder[name] = value;
}

/** What a view reads, as a decoded object has it: undefined for an implicit default. */
export function toPlainField(type: FieldType, value: unknown): PlainValue | undefined {
  switch (type) {
    case 'count':
      return BigInt(value as number) === 0n ? undefined : BigInt(value as number);
    case 'hex':
      return value === '' ? undefined : `hex:${value as string}`;
    case 'u64s':
    case 'doubles':
      return (value as unknown[]).length === 0 ? undefined : (value as PlainValue);
    case 'double?':
      return value as PlainValue | undefined;
    default:
      return value === '' || value === false || value === 0n || Object.is(value, 0) ? undefined : (value as PlainValue);
  }
}

export function attributesOf(node: Plain, spec: NodeSpec): Plain[] {
  const found = getPath(node, spec.attributes!);
  return (found as Plain[] | undefined) ?? [];
}
