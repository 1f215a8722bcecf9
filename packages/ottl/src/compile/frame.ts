import type { Value, ValueMap } from '../value/value.ts';

/** What the Collector knows of the request that telemetry came with: the `otelcol.*` paths. */
export interface ClientInfo {
  readonly addr?: string;
  /** Header names in lowercase. */
  readonly metadata?: ReadonlyMap<string, readonly string[]>;
  readonly authAttributes?: ValueMap;
  readonly grpcMetadata?: ReadonlyMap<string, readonly string[]>;
}

export const EMPTY_MAP: ValueMap = new Map();

/** What compiled statements run on: one record, and what belongs to its run. One frame is used again for every record. */
export class Frame {
  /** The view that the statements are about. */
  view: unknown = null;
  /** The span of an event or link, the data point of an exemplar, the profile of a sample. */
  parent: unknown = null;
  /** Which event or link of its span it is, from 0. */
  index = 0;
  /** `cache`, empty when a run begins. */
  cache: ValueMap = EMPTY_MAP;
  client: ClientInfo | null = null;
  /** What the parameters of lambdas are bound to; each has its place. */
  readonly locals: Value[] = [];
}

/** Reads or does something for the record in the frame. */
export type Evaluate<T> = (frame: Frame) => T;
