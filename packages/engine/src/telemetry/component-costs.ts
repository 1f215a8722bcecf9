import type { Kind, Labels } from '@millrace/api';
import type { StepCost } from '@millrace/workers';
import type { SelfTelemetry } from './self-telemetry.ts';

/** What the pure half of a component has cost since the start, whichever stage or queue it worked for. */
export interface ComponentCost {
  readonly kind: Kind;
  readonly id: string;
  /** Time that it had a thread, in milliseconds: CPU time, unless the machine was busy with something else. */
  busyMs: number;
  /** Items that it was given; 0 for receivers, which find out how many there are. */
  items: number;
}

/** Sums up what grinds cost. Plain numbers, read at scrapes: counters would cost more than many a step. */
export class ComponentCosts {
  readonly #byComponent = new Map<string, ComponentCost>();
  /** The plugin that a component comes from, where `plugins` names it. */
  pluginOf: (kind: Kind, id: string) => string | undefined = () => undefined;

  constructor({ own }: Pick<SelfTelemetry, 'own'>) {
    const observed = (valueOf: (cost: ComponentCost) => number) => () =>
      this.all.map((cost) => [valueOf(cost), this.#labelsOf(cost)] as const);
    own.observed(
      'counter',
      'component_cpu_seconds',
      { description: 'Time that the pure half of a component had a thread, on the workers or in place', unit: 's' },
      observed(({ busyMs }) => busyMs / 1_000),
    );
    own.observed(
      'counter',
      'component_items',
      { description: 'Items that the pure half of a component was given', unit: '{item}' },
      observed(({ items }) => items),
    );
  }

  get all(): readonly ComponentCost[] {
    return [...this.#byComponent.values()];
  }

  add(costs: readonly StepCost[]): void {
    for (const { role, id, items, busyMs } of costs) {
      const sum = this.#of(KIND_OF[role], id);
      sum.busyMs += busyMs;
      sum.items += items;
    }
  }

  #labelsOf({ kind, id }: ComponentCost): Labels {
    const plugin = this.pluginOf(kind, id);
    return { kind, component: id, ...(plugin === undefined ? {} : { plugin }) };
  }

  #of(kind: Kind, id: string): ComponentCost {
    const key = `${kind} ${id}`;
    let sum = this.#byComponent.get(key);
    if (sum === undefined) {
      sum = { kind, id, busyMs: 0, items: 0 };
      this.#byComponent.set(key, sum);
    }
    return sum;
  }
}

const KIND_OF: Readonly<Record<StepCost['role'], Kind>> = {
  decoder: 'receiver',
  transform: 'processor',
  junction: 'connector',
  encoder: 'exporter',
};
