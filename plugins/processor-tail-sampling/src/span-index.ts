import { WireReader } from '@millrace/otlp';

const TRACE_ID = (1 << 3) | 2;
const PARENT_SPAN_ID = (4 << 3) | 2;
/** resource_spans in a request; scope_spans in ResourceSpans and spans in ScopeSpans have the field 2. */
const RESOURCES = (1 << 3) | 2;
const CHILDREN = (2 << 3) | 2;
const ID_BYTES = 16;

interface NativeBytes {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
}
const native = Buffer.prototype as unknown as NativeBytes;

/** Fields of a message without its children: pairs of start and end in the chunk. */
type Ranges = number[];

export interface ResourceEntry {
  readonly chunk: Uint8Array;
  /** Of the request around it. */
  readonly request: Ranges;
  readonly header: Ranges;
}

export interface ScopeEntry {
  readonly resource: ResourceEntry;
  readonly header: Ranges;
}

/** Spans of one trace, in the order of the batch. */
export class SpanGroup {
  /** The trace id as Latin-1. */
  readonly key: string;
  readonly scopes: ScopeEntry[] = [];
  /** Where each span's field is in the chunk, its tag included. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  hasRoot = false;

  constructor(key: string) {
    this.key = key;
  }
}

/** Finds the spans of each trace in a batch, on the wire. With `roots`, also whether there is one without a parent. */
export function indexSpans(chunks: readonly Uint8Array[], options: { readonly roots: boolean }): readonly SpanGroup[] {
  const index = new Indexer(options.roots);
  for (const chunk of chunks) index.add(chunk);
  return [...index.groups.values()];
}

class Indexer {
  readonly groups = new Map<string, SpanGroup>();
  readonly #roots: boolean;
  /** The group of the span before: spans of a trace often come together. */
  #last: SpanGroup | undefined;
  #lastChunk: Uint8Array | undefined;
  #lastId = 0;

  constructor(roots: boolean) {
    this.#roots = roots;
  }

  add(chunk: Uint8Array): void {
    const reader = new WireReader(chunk);
    const request: Ranges = [];
    eachChild(reader, RESOURCES, request, () => {
      const resource: ResourceEntry = { chunk, request, header: [] };
      eachChild(reader, CHILDREN, resource.header, () => {
        const scope: ScopeEntry = { resource, header: [] };
        eachChild(reader, CHILDREN, scope.header, (start) => this.#addSpan(reader, start, scope));
      });
    });
  }

  /** The reader stands at the span's first field. "group spans by trace" in benchmarks/micro/tail-sampling.ts. */
  #addSpan(reader: WireReader, start: number, scope: ScopeEntry): void {
    const { bytes, end } = reader;
    const group = this.#groupOf(bytes, traceIdIn(reader), end);
    group.scopes.push(scope);
    group.starts.push(start);
    group.ends.push(end);
    if (this.#roots && !group.hasRoot) group.hasRoot = isRoot(reader);
  }

  #groupOf(bytes: Uint8Array, id: number, end: number): SpanGroup {
    if (this.#last !== undefined && id >= 0 && this.#lastChunk === bytes && sameId(bytes, id, this.#lastId)) {
      return this.#last;
    }
    const key = id < 0 ? '' : native.latin1Slice.call(bytes, id, Math.min(end, id + ID_BYTES));
    const padded = key.length === ID_BYTES ? key : key.padEnd(ID_BYTES, '\0');
    let group = this.groups.get(padded);
    if (group === undefined) this.groups.set(padded, (group = new SpanGroup(padded)));
    if (id >= 0) {
      this.#last = group;
      this.#lastChunk = bytes;
      this.#lastId = id;
    }
    return group;
  }
}

/** Calls `visit` with the reader inside each child, and with where the child's field began; notes the other fields. */
function eachChild(reader: WireReader, childTag: number, others: Ranges, visit: (start: number) => void): void {
  const { end } = reader;
  while (reader.pos < end) {
    const start = reader.pos;
    const tag = reader.tag();
    if (tag !== childTag) {
      reader.skip(tag);
      others.push(start, reader.pos);
      continue;
    }
    const childEnd = reader.lengthEnd();
    reader.end = childEnd;
    visit(start);
    reader.end = end;
    reader.pos = childEnd;
  }
}

/** Where a span's trace id is; -1 where it has none of the right length. */
function traceIdIn(reader: WireReader): number {
  const { bytes, pos, end } = reader;
  // What every encoder writes first.
  if (end - pos >= ID_BYTES + 2 && bytes[pos] === TRACE_ID && bytes[pos + 1] === ID_BYTES) return pos + 2;
  const scan = new WireReader(bytes, pos, end);
  while (!scan.done) {
    const tag = scan.tag();
    if (tag !== TRACE_ID) {
      scan.skip(tag);
      continue;
    }
    const idEnd = scan.lengthEnd();
    return idEnd - scan.pos === ID_BYTES ? scan.pos : -1;
  }
  return -1;
}

/** Whether a span has no parent: none is given, or only zeros. */
function isRoot(reader: WireReader): boolean {
  const scan = new WireReader(reader.bytes, reader.pos, reader.end);
  while (!scan.done) {
    const tag = scan.tag();
    if (tag !== PARENT_SPAN_ID) {
      scan.skip(tag);
      continue;
    }
    return scan.range().every((byte) => byte === 0);
  }
  return true;
}

function sameId(bytes: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < ID_BYTES; i++) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
