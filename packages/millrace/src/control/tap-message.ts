import type { Kind, Signal } from '@millrace/api';
import type { Observed, TapSide } from '@millrace/engine';
import { protoToJson } from '@millrace/otlp';

/** How the telemetry of a tap is written: OTLP/JSON, or OTLP protobuf in base64, which costs the collector less. */
export type TapEncoding = 'json' | 'proto';

/** One line of a tap: what was seen of one component. */
export interface TapMessage {
  readonly kind: Kind | 'pipeline';
  /** Id of the component or pipeline. */
  readonly id: string;
  readonly pipeline: string;
  /** Which sides are told. */
  readonly side: TapSide;
  /** The same for what was seen of one run of the same data. */
  readonly run: string;
  /** Worker tasks before this one that were not looked at, or whose lines the reader was too slow for. */
  readonly skipped: number;
  readonly before?: TapData;
  readonly after: readonly TapData[];
}

export interface TapData {
  /** Of what a connector gives: the pipeline that gets it. */
  readonly pipeline: string;
  readonly signal: Signal;
  /** Items that are shown, which are the first of `itemsTotal`. */
  readonly items: number;
  readonly itemsTotal: number;
  /** OTLP export requests: as OTLP/JSON, or as protobuf in base64. */
  readonly requests: readonly unknown[];
}

export function tapMessage(observed: Observed, encoding: TapEncoding, skipped: number): TapMessage {
  const { kind, id, pipeline, side, run, before, after } = observed;
  return {
    kind,
    id,
    pipeline,
    side,
    run,
    skipped: observed.skipped + skipped,
    ...(before === undefined ? {} : { before: dataOf(before, encoding) }),
    after: after.map((sight) => dataOf(sight, encoding)),
  };
}

function dataOf(sight: Observed['after'][number], encoding: TapEncoding): TapData {
  const { pipeline, signal, items, itemsTotal, chunks } = sight;
  const requests = chunks.map((chunk) =>
    encoding === 'proto'
      ? Buffer.from(chunk).toString('base64')
      : (JSON.parse(Buffer.from(protoToJson(signal, [chunk])).toString('utf8')) as unknown),
  );
  return { pipeline, signal, items, itemsTotal, requests };
}

/** The requests of a tap that was asked for protobuf. */
export function chunksOf({ requests }: TapData): Uint8Array[] {
  return requests.map((request) => Buffer.from(request as string, 'base64'));
}
