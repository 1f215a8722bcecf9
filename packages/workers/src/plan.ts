import type { Signal } from '@millrace/api';

/**
 * What a worker runs on each grind: a tree of pure steps from raw payloads to encoded outputs. Plans are
 * structured-cloneable; a worker imports the plugin modules that they name and builds its own copy of each step.
 */
export interface Plan {
  /** Unique within a collector. */
  readonly id: string;
  readonly signal: Signal;
  /** How payloads become OTLP protobuf; undefined where they already are. */
  readonly decoder: StepSpec | undefined;
  /** Whether the input comes from outside and has to be validated; false behind a stateful step. */
  readonly validate: boolean;
  /** Some step reads the sender's context: parts of different senders are processed apart. */
  readonly keepContexts: boolean;
  /** What happens to the decoded batch, in every branch. */
  readonly branches: readonly Branch[];
}

/** One pipeline, or the part of it after a stateful processor. */
export interface Branch {
  /** For metrics and errors: the pipeline's id. */
  readonly pipeline: string;
  readonly signal: Signal;
  readonly transforms: readonly StepSpec[];
  /** Each gets the same batch; a branch that changes it works on its own copy. */
  readonly outputs: readonly Output[];
}

export type Output =
  | {
      readonly to: 'leaf';
      /** Index into `GrindResult.leaves`; the engine knows which exporter queue or stateful step it is. */
      readonly leaf: number;
      /** Undefined hands over OTLP protobuf. */
      readonly encoder: StepSpec | undefined;
      /** Without an encoder: one region with the chunks' concatenation rather than the chunks. */
      readonly contiguous: boolean;
    }
  | {
      readonly to: 'junction';
      readonly junction: StepSpec;
      /** The pipelines behind the connector. */
      readonly branches: readonly Branch[];
    };

/** One pure half of one component. */
export interface StepSpec {
  readonly role: 'decoder' | 'transform' | 'junction' | 'encoder';
  /** `type` or `type/name`. */
  readonly id: string;
  readonly type: string;
  readonly signal: Signal;
  /** URL of the module that defines it. */
  readonly module: string;
  /** Decoded settings of the component. */
  readonly config: unknown;
}
