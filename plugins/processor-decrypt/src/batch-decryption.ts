import { type LogRecordView, type LogsBatch, type MetricsBatch, type TracesBatch } from '@millrace/otlp';
import { AttributesDecryption } from './attributes-decryption.ts';
import type { AttributePlace } from '@millrace/rules';
import type { DecryptSettings } from './decrypt-settings.ts';
import { keyTest } from './key-test.ts';
import type { KeyTest, ValueDecryption } from './value-decryption.ts';

/** Decrypts fields of whole batches. */
export class BatchDecryption {
  readonly #in: ReadonlySet<AttributePlace>;
  readonly #values: ValueDecryption;
  readonly #attributes: AttributesDecryption;
  readonly #isSearched: KeyTest | undefined;

  constructor(settings: Pick<DecryptSettings, 'in' | 'names' | 'patterns'>, values: ValueDecryption) {
    this.#in = new Set(settings.in);
    this.#values = values;
    this.#isSearched = keyTest(settings);
    this.#attributes = new AttributesDecryption(values, this.#isSearched);
  }

  logs(batch: LogsBatch): void {
    for (const resource of batch.resources) {
      if (this.#in.has('resource')) this.#attributes.apply(resource.attributes);
      for (const scope of resource.scopes) {
        if (this.#in.has('scope')) this.#attributes.apply(scope.attributes);
        for (const record of scope.records) {
          if (this.#in.has('log')) this.#attributes.apply(record.attributes);
          if (this.#in.has('body')) this.#body(record);
        }
      }
    }
  }

  traces(batch: TracesBatch): void {
    for (const resource of batch.resources) {
      if (this.#in.has('resource')) this.#attributes.apply(resource.attributes);
      for (const scope of resource.scopes) {
        if (this.#in.has('scope')) this.#attributes.apply(scope.attributes);
        for (const span of scope.spans) {
          if (this.#in.has('span')) this.#attributes.apply(span.attributes);
          if (this.#in.has('spanevent')) for (const event of span.events) this.#attributes.apply(event.attributes);
          if (this.#in.has('spanlink')) for (const link of span.links) this.#attributes.apply(link.attributes);
        }
      }
    }
  }

  metrics(batch: MetricsBatch): void {
    for (const resource of batch.resources) {
      if (this.#in.has('resource')) this.#attributes.apply(resource.attributes);
      for (const scope of resource.scopes) {
        if (this.#in.has('scope')) this.#attributes.apply(scope.attributes);
        for (const metric of scope.metrics) {
          for (const point of metric.dataPoints) {
            if (this.#in.has('datapoint')) this.#attributes.apply(point.attributes);
            if (!this.#in.has('exemplar') || !('exemplars' in point)) continue;
            for (const exemplar of point.exemplars) this.#attributes.apply(exemplar.filteredAttributes);
          }
        }
      }
    }
  }

  #body({ bodyField }: LogRecordView): void {
    const { kind } = bodyField;
    if (kind !== 'string' && kind !== 'kvlist' && kind !== 'array') return;
    const value = bodyField.raw;
    const isSearched = this.#isSearched;
    const edited =
      isSearched !== undefined && kind === 'kvlist'
        ? this.#values.editMap(value, isSearched)
        : this.#values.edit(value);
    if (edited === null) bodyField.delete();
    else if (edited !== undefined) bodyField.raw = edited;
  }
}
