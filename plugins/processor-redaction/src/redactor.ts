import type { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import { AttributesRedaction } from './attributes-redaction.ts';
import { BodyRedaction } from './body-redaction.ts';
import { KeyClasses } from './key-classes.ts';
import { maskFor } from './mask.ts';
import type { RedactionSettings } from './redaction-settings.ts';
import { Sanitizers } from './sanitize/sanitizers.ts';
import { SpanNames } from './sanitize/span-names.ts';
import { ValueMasking } from './value-masking.ts';

/** Redacts whole batches. Settings must have passed `checkRedaction`. */
export class Redactor {
  // Places remember the keys that they held last, so each kind of place has a memory of its own.
  readonly #resources: AttributesRedaction;
  readonly #scopes: AttributesRedaction;
  readonly #items: AttributesRedaction;
  readonly #events: AttributesRedaction;
  readonly #bodies: BodyRedaction;
  readonly #spanNames: SpanNames;

  constructor(settings: RedactionSettings) {
    const { summary, redact_all_types: allTypes, hash_function, hmac_key } = settings;
    const masking = new ValueMasking({ ...settings, mask: maskFor(hash_function, hmac_key) });
    const values = { masking, sanitizers: new Sanitizers(settings) };
    const make = () => new AttributesRedaction(new KeyClasses(settings, summary), values, { allTypes, summary });
    this.#resources = make();
    this.#scopes = make();
    this.#items = make();
    this.#events = make();
    this.#bodies = new BodyRedaction(new KeyClasses(settings), values, summary);
    this.#spanNames = new SpanNames(settings, (name) => masking.allows(name));
  }

  logs(batch: LogsBatch): void {
    for (const resource of batch.resources) {
      this.#resources.apply(resource.attributes, true);
      for (const scope of resource.scopes) {
        this.#scopes.apply(scope.attributes, true);
        for (const record of scope.records) {
          this.#items.apply(record.attributes, true);
          this.#bodies.apply(record);
        }
      }
    }
  }

  traces(batch: TracesBatch): void {
    for (const resource of batch.resources) {
      this.#resources.apply(resource.attributes);
      for (const scope of resource.scopes) {
        this.#scopes.apply(scope.attributes);
        for (const span of scope.spans) {
          this.#items.apply(span.attributes);
          for (const event of span.events) this.#events.apply(event.attributes);
          this.#spanNames.apply(span);
        }
      }
    }
  }

  metrics(batch: MetricsBatch): void {
    for (const resource of batch.resources) {
      this.#resources.apply(resource.attributes);
      for (const scope of resource.scopes) {
        this.#scopes.apply(scope.attributes);
        for (const metric of scope.metrics) for (const point of metric.dataPoints) this.#items.apply(point.attributes);
      }
    }
  }
}
