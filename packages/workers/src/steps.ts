import { ComponentError, messageOf } from '@millrace/api';
import type { Decoder, Definition, Encoder, Kind, Logger, OpenBatch } from '@millrace/api';
import { nameOf } from './failure.ts';
import type { Branch, Output, Plan, StepSpec } from './plan.ts';
import { importDefinitions } from './plugin-module.ts';
import { GrindTools } from './grind-tools.ts';
import type { Tally } from './tally.ts';

/** A plan whose steps exist in this thread. */
export interface BuiltPlan {
  readonly plan: Plan;
  readonly decoder: BuiltDecoder | undefined;
  readonly branches: readonly BuiltBranch[];
  /** All steps by ordinal; the same in every thread. */
  readonly steps: readonly PlannedStep[];
}

/** A step with the pipeline that it is in; the decoder is in none. */
export interface PlannedStep {
  readonly spec: StepSpec;
  readonly pipeline: string;
}

export interface BuiltDecoder extends Ordinal {
  readonly decoder: Decoder;
}

export interface BuiltBranch {
  /** Among all branches of its plan, in the order in which they are written down. */
  readonly index: number;
  readonly pipeline: string;
  readonly signal: Plan['signal'];
  readonly transforms: readonly BuiltTransform[];
  readonly outputs: readonly BuiltOutput[];
  /** Some exporter takes what the transforms leave without an encoder of ours. */
  readonly leavesAsItIs: boolean;
}

export interface BuiltTransform extends Ordinal {
  readonly run: (batch: OpenBatch) => unknown;
}

export type BuiltOutput =
  | {
      readonly to: 'leaf';
      readonly leaf: number;
      readonly contiguous: boolean;
      readonly encoder: (Ordinal & { readonly encoder: Encoder }) | undefined;
    }
  | {
      readonly to: 'junction';
      readonly junction: Ordinal & { readonly run: (batch: OpenBatch, out: unknown) => unknown };
      readonly branches: readonly BuiltBranch[];
    };

interface Ordinal {
  readonly ordinal: number;
  readonly spec: StepSpec;
}

/** What steps of this thread are given besides their settings. */
export interface StepSurroundings {
  readonly tally: Tally;
  readonly loggerOf: (id: string) => Logger;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The steps of a plan in the order of their ordinals. */
export function stepsOf(plan: Plan): readonly PlannedStep[] {
  const steps: PlannedStep[] = plan.decoder === undefined ? [] : [{ spec: plan.decoder, pipeline: '' }];
  const visit = (branches: readonly Branch[]) => {
    for (const { pipeline, transforms, outputs } of branches) {
      for (const spec of transforms) steps.push({ spec, pipeline });
      for (const output of outputs) {
        if (output.to === 'junction') {
          steps.push({ spec: output.junction, pipeline });
          visit(output.branches);
        } else if (output.encoder !== undefined) {
          steps.push({ spec: output.encoder, pipeline });
        }
      }
    }
  };
  visit(plan.branches);
  return steps;
}

/** What a pure connector passes to one pipeline. */
export interface PlannedEdge {
  /** Id of the connector. */
  readonly id: string;
  readonly from: Plan['signal'];
  readonly to: Plan['signal'];
  /** The one that receives. */
  readonly pipeline: string;
}

/** The edges behind connectors, by the index of the branch that they lead to; undefined for branches behind no connector. */
export function edgesOf(plan: Plan): readonly (PlannedEdge | undefined)[] {
  const edges: (PlannedEdge | undefined)[] = [];
  const visit = (branches: readonly Branch[], connector?: Pick<PlannedEdge, 'id' | 'from'>) => {
    for (const { pipeline, signal, outputs } of branches) {
      edges.push(connector && { ...connector, to: signal, pipeline });
      for (const output of outputs) {
        if (output.to === 'junction') visit(output.branches, { id: output.junction.id, from: signal });
      }
    }
  };
  visit(plan.branches);
  return edges;
}

/** Imports the modules of a plan and makes its steps. @throws {ComponentError} that names the step. */
export async function buildPlan(plan: Plan, around: StepSurroundings): Promise<BuiltPlan> {
  const steps = stepsOf(plan);
  const makers = await Promise.all(steps.map(({ spec }) => makerOf(spec, around)));
  let next = 0;
  const make = (): Ordinal & { readonly made: unknown } => {
    const ordinal = next++;
    return { ordinal, spec: steps[ordinal].spec, made: makers[ordinal]() };
  };
  let nextBranch = 0;
  const branch = (spec: Branch): BuiltBranch => {
    const index = nextBranch++;
    const transforms = spec.transforms.map(() => {
      const { made, ordinal, spec } = make();
      return { ordinal, spec, run: methodOf(made, spec) };
    });
    const outputs = spec.outputs.map(output);
    const leavesAsItIs = outputs.some((each) => each.to === 'leaf' && each.encoder === undefined);
    return { index, pipeline: spec.pipeline, signal: spec.signal, transforms, outputs, leavesAsItIs };
  };
  const output = (spec: Output): BuiltOutput => {
    if (spec.to === 'junction') {
      const { made, ordinal, spec: step } = make();
      return {
        to: 'junction',
        junction: { ordinal, spec: step, run: methodOf(made, step) },
        branches: spec.branches.map(branch),
      };
    }
    const { leaf, contiguous } = spec;
    if (spec.encoder === undefined) return { to: 'leaf', leaf, contiguous, encoder: undefined };
    const { made, ordinal, spec: step } = make();
    // An exporter may say by its settings that it wants OTLP protobuf; a payload is one piece in any case.
    if (made === undefined) return { to: 'leaf', leaf, contiguous: true, encoder: undefined };
    return { to: 'leaf', leaf, contiguous: true, encoder: { ordinal, spec: step, encoder: made as Encoder } };
  };
  let decoder: BuiltDecoder | undefined;
  if (plan.decoder !== undefined) {
    const { made, ordinal, spec } = make();
    decoder = { ordinal, spec, decoder: made as Decoder };
  }
  return { plan, decoder, branches: plan.branches.map(branch), steps };
}

const KIND_OF: Readonly<Record<StepSpec['role'], Kind>> = {
  decoder: 'receiver',
  transform: 'processor',
  junction: 'connector',
  encoder: 'exporter',
};

async function makerOf(step: StepSpec, around: StepSurroundings): Promise<() => unknown> {
  const definition = await findDefinition(step.module, KIND_OF[step.role], step.type);
  const tools = new GrindTools(step.id, around.loggerOf(step.id), around);
  const create = creatorOf(definition, step, tools);
  return () => {
    try {
      return create();
    } catch (error) {
      if (error instanceof ComponentError) throw error;
      throw new ComponentError(`cannot create ${nameOf(step)}: ${messageOf(error)}`, {
        code: 'STEP_CREATE_FAILED',
        remedy: 'check its configuration; if that is right, the plugin is at fault',
        cause: error,
      });
    }
  };
}

function creatorOf(definition: Definition, step: StepSpec, tools: GrindTools): () => unknown {
  const { config } = step;
  switch (step.role) {
    case 'decoder':
      if (definition.kind === 'receiver' && definition.decoder !== undefined) {
        return () => definition.decoder?.(config, tools);
      }
      break;
    case 'transform':
      if (definition.kind === 'processor' && definition.create !== undefined) {
        return () => definition.create?.(config, tools);
      }
      break;
    case 'junction':
      if (definition.kind === 'connector' && definition.create !== undefined) {
        return () => definition.create?.(config, tools);
      }
      break;
    case 'encoder':
      if (definition.kind === 'exporter' && definition.encoder !== undefined) {
        return () => definition.encoder?.(config, tools);
      }
  }
  throw new ComponentError(`${nameOf(step)} has no pure half that a worker could run (${step.role})`, {
    code: 'STEP_NOT_PURE',
  });
}

/** Finds a definition in a module. Modules are imported once per thread. */
export async function findDefinition<K extends Kind>(module: string, kind: K, type: string): Promise<Definition<K>> {
  const definitions = await importDefinitions(module);
  const found = definitions.find((each) => each.kind === kind && (each.type === type || each.aliases?.includes(type)));
  if (found !== undefined) return found as Definition<K>;
  throw new ComponentError(`module ${module} defines no ${kind} of type "${type}"`, { code: 'PLUGIN_WITHOUT_TYPE' });
}

function methodOf(made: unknown, step: StepSpec): (batch: OpenBatch, out?: unknown) => unknown {
  const method = (made as Partial<Record<string, (batch: OpenBatch, out?: unknown) => unknown>> | undefined)?.[
    step.signal
  ];
  if (typeof method === 'function') return method.bind(made);
  throw new ComponentError(`${nameOf(step)} does not handle ${step.signal}`, {
    code: 'STEP_SIGNAL',
    remedy: `take it out of the ${step.signal} pipelines`,
  });
}
