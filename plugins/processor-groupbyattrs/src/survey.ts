import type { AttributesView, Key, MetricView, ResourceView, ScopeView } from '@millrace/otlp';
import { entriesOf, identityOf, scopeIdentityOf } from './identity.ts';

/** Looks whether a batch is grouped already, so that it can stay as it is. Each answer is whether it still may. */
export class Survey {
  readonly #keys: readonly Key[];
  readonly #resources = new Set<string>();
  readonly #scopes = new Set<string>();
  readonly #metrics = new Set<string>();

  constructor(keys: readonly Key[]) {
    this.#keys = keys;
  }

  begin(): void {
    this.#resources.clear();
  }

  isNewResource(resource: ResourceView<unknown>): boolean {
    this.#scopes.clear();
    return isNew(this.#resources, identityOf(entriesOf(resource.attributes)));
  }

  isNewScope(scope: ScopeView): boolean {
    this.#metrics.clear();
    return isNew(this.#scopes, scopeIdentityOf(scope));
  }

  isNewMetric(metric: MetricView): boolean {
    return isNew(this.#metrics, metricIdentityOf(metric));
  }

  hasNoKey(attributes: AttributesView): boolean {
    for (const key of this.#keys) if (attributes.has(key)) return false;
    return true;
  }
}

/** Points of two metrics with the same identity may lie in one. */
export function metricIdentityOf(metric: MetricView): string {
  const { name, type, unit, aggregationTemporality, isMonotonic } = metric;
  return JSON.stringify([name, type, unit, aggregationTemporality, isMonotonic]);
}

function isNew(seen: Set<string>, identity: string): boolean {
  if (seen.has(identity)) return false;
  seen.add(identity);
  return true;
}
