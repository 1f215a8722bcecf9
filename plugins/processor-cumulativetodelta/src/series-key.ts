import { hash } from 'node:crypto';
import type { AttributesView, DataPointView, MetricView, MetricsScopeView } from '@millrace/otlp';

/** Attributes as a text that is the same in any order of them. */
function textOf(attributes: AttributesView): string {
  const parts: string[] = [];
  for (const key of attributes.keys()) {
    const raw = attributes.raw(key) as Uint8Array;
    const value = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1');
    parts.push(`${key.length}:${key}${value.length}:${value}`);
  }
  return parts.length < 2 ? parts.join('') : parts.toSorted().join('');
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
    const text = `${this.#metric}${valueKind}${point.startTimeUnixNano}${textOf(point.attributes)}`;
    return hash('sha256', text, 'base64url').slice(0, 22);
  }
}
