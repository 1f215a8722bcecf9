/** Where they stand, relative to the root. */
export const FACTS_FILE = 'scripts/generate/collector-facts.json';

/** Keys with more parts are left out: policies that contain policies repeat what is known. */
export const KEY_PARTS_MAX = 5;

/** What is known of the Collector's components. */
export interface CollectorFacts {
  /** By kind and type: `processor batch`. */
  readonly components: Readonly<Record<string, CollectorComponent>>;
}

export interface CollectorComponent {
  readonly module: string;
  readonly version: string;
  /** Whole paths of keys: `protocols.grpc.endpoint`, `actions[].key`, `spans.*.description`. */
  readonly keys: readonly string[];
}
