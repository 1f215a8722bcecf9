import type { Decoder, Signal } from '@millrace/api';
import { jsonToProto } from '@millrace/otlp';
import { logsOf, metricsOf, tracesOf } from './telemetry-of-visits.ts';
import { tellVisit, type Visit } from './visit.ts';

/** What a payload of the demo receiver stands for. */
export interface Scene {
  /** Number of the first visit; it decides all that happens in it. */
  readonly firstVisit: number;
  readonly visits: number;
  /** When the last visit ended, in milliseconds since the Unix epoch. */
  readonly endMs: number;
  /** The visits' ends are spread over this time before `endMs`. */
  readonly spanMs: number;
}

/** Tells the visits of a scene as OTLP. */
export class DemoDecoder implements Decoder {
  decode(signal: Signal, _body: Uint8Array, form: unknown): Uint8Array {
    const scene = form as Scene;
    const visits: Visit[] = [];
    for (let index = 0; index < scene.visits; index++) {
      const endMs = scene.endMs - (scene.spanMs * (scene.visits - 1 - index)) / scene.visits;
      visits.push(tellVisit(scene.firstVisit + index, endMs));
    }
    return jsonToProto(signal, JSON.stringify(tell(signal, visits)));
  }
}

function tell(signal: Signal, visits: readonly Visit[]): object {
  if (signal === 'logs') return logsOf(visits);
  if (signal === 'traces') return tracesOf(visits);
  return metricsOf(visits);
}
