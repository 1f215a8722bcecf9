import { type LogRecordView, type LogsBatch, type MetricsBatch, type TracesBatch, valueKind } from '@millrace/otlp';
import { AttributesEncryption } from './attributes-encryption.ts';
import { editMap } from './edit-value.ts';
import { ATTRIBUTE_PLACES, type AttributePlace } from '@millrace/rules';
import { KeyRules, type TreatedField } from './key-rules.ts';
import type { Treatment } from './treatment.ts';

/** Encrypts fields of whole batches. */
export class BatchEncryption {
  readonly #at: Readonly<Record<AttributePlace, AttributesEncryption>>;
  readonly #bodyKeys: KeyRules;
  readonly #wholeBody: Treatment | undefined;

  constructor(fields: readonly TreatedField[]) {
    const at = ATTRIBUTE_PLACES.map((place) => [place, new AttributesEncryption(new KeyRules(fields, place))] as const);
    this.#at = Object.fromEntries(at) as Record<AttributePlace, AttributesEncryption>;
    this.#bodyKeys = new KeyRules(fields, 'body');
    this.#wholeBody = fields.find(({ settings }) => settings.whole_body)?.treatment;
  }

  logs(batch: LogsBatch): void {
    for (const resource of batch.resources) {
      this.#at.resource.apply(resource.attributes);
      for (const scope of resource.scopes) {
        this.#at.scope.apply(scope.attributes);
        for (const record of scope.records) {
          this.#at.log.apply(record.attributes);
          this.#body(record);
        }
      }
    }
  }

  traces(batch: TracesBatch): void {
    for (const resource of batch.resources) {
      this.#at.resource.apply(resource.attributes);
      for (const scope of resource.scopes) {
        this.#at.scope.apply(scope.attributes);
        for (const span of scope.spans) {
          this.#at.span.apply(span.attributes);
          for (const event of span.events) this.#at.spanevent.apply(event.attributes);
          for (const link of span.links) this.#at.spanlink.apply(link.attributes);
        }
      }
    }
  }

  metrics(batch: MetricsBatch): void {
    for (const resource of batch.resources) {
      this.#at.resource.apply(resource.attributes);
      for (const scope of resource.scopes) {
        this.#at.scope.apply(scope.attributes);
        for (const metric of scope.metrics) {
          for (const point of metric.dataPoints) {
            this.#at.datapoint.apply(point.attributes);
            if (!('exemplars' in point)) continue;
            for (const exemplar of point.exemplars) this.#at.exemplar.apply(exemplar.filteredAttributes);
          }
        }
      }
    }
  }

  #body({ bodyField }: LogRecordView): void {
    if (this.#wholeBody === undefined && this.#bodyKeys.isEmpty) return;
    const value = bodyField.raw;
    const edited = this.#wholeBody === undefined ? this.#editKeys(value) : this.#wholeBody.apply(value);
    if (edited !== undefined) bodyField.raw = edited;
  }

  #editKeys(value: Uint8Array): Uint8Array | undefined {
    if (valueKind(value, 0, value.length) !== 'kvlist') return undefined;
    return editMap(value, (key) => this.#bodyKeys.of(key));
  }
}
