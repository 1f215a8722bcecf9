import { hash } from 'node:crypto';
import {
  type AttributesView,
  type DataPointView,
  type MetricView,
  type MetricsScopeView,
  WireReader,
} from '@millrace/otlp';

/** Tags of the attributes of data points. */
const ATTRIBUTES: Readonly<Record<DataPointView['type'], number>> = {
  number: (7 << 3) | 2,
  summary: (7 << 3) | 2,
  histogram: (9 << 3) | 2,
  exponentialHistogram: (1 << 3) | 2,
};

/** Attributes of a resource or scope as a text that is the same in any order of them. */
function textOf(attributes: AttributesView): string {
  const parts: string[] = [];
  for (const key of attributes.keys()) {
    const value = Buffer.from(attributes.raw(key) as Uint8Array).toString('latin1');
    parts.push(`${key.length}:${key}${value.length}:${value}`);
  }
  return parts.toSorted().join('');
}

/** The same of a data point, where nothing is decoded: this is done for every point. Each begins with its length. */
function pointText(point: DataPointView): string {
  const attributes = ATTRIBUTES[point.type];
  const message = point.toBytes();
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  const parts: string[] = [];
  for (const reader = new WireReader(message); !reader.done;) {
    const tag = reader.tag();
    const start = reader.pos;
    reader.skip(tag);
    if (tag === attributes) parts.push(bytes.toString('latin1', start, reader.pos));
  }
  return parts.sort().join('');
}

/** Finds the keys of the series that points belong to. What is the same for many points is put together once. */
export class SeriesKeys {
  #resource = '';
  #scope = '';
  #metric = '';

  enterResource({ attributes }: { readonly attributes: AttributesView }): void {
    this.#resource = textOf(attributes);
  }

  enterScope({ name, version, attributes }: MetricsScopeView): void {
    this.#scope = JSON.stringify([this.#resource, name, version, textOf(attributes)]);
  }

  enterMetric({ name, unit, type }: MetricView): void {
    this.#metric = JSON.stringify([this.#scope, type, name, unit]);
  }

  /** A series is told by its start, too: one that began anew is another. 132 bits, so that no two are taken for one. */
  of(point: DataPointView, valueKind: string): string {
    const text = `${this.#metric}${valueKind}${point.startTimeUnixNano}|${pointText(point)}`;
    return hash('sha256', text, 'base64url').slice(0, 22);
  }
}
