import { permanent } from '@millrace/api';
import type { ConnectorOutput, OpenBatch, Signal } from '@millrace/api';
import { countItems } from '@millrace/otlp';
import { failureOf } from './failure.ts';
import type { Failure } from './failure.ts';
import type { Lens } from './lens.ts';
import { openBatch } from './open-batch.ts';
import type { ChunkRef, OutputWriter } from './output-writer.ts';
import type { BuiltBranch, BuiltOutput, BuiltPlan } from './steps.ts';
import type { StepSpec } from './plan.ts';
import type { Tally } from './tally.ts';
import type { VitalsRow } from './vitals.ts';

/** What a run starts from. */
export interface RunInput {
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
}

/** One output of a run. */
export interface RunOutput {
  readonly leaf: number;
  readonly signal: Signal;
  readonly items: number;
  readonly chunks: readonly ChunkRef[];
}

export interface RunSurroundings {
  readonly writer: OutputWriter;
  readonly tally: Tally;
  readonly vitals: VitalsRow;
  /** Copies what passes; undefined where nobody looks. */
  readonly lens: Lens | undefined;
}

/** Thrown by nothing but {@link runPlan}: what a step threw, and whose fault it is. */
export class StepFailure extends Error {
  readonly failure: Failure;

  constructor(cause: unknown, step: StepSpec) {
    super('a step failed', { cause });
    this.failure = failureOf(cause, step);
  }
}

/**
 * Puts chunks through all branches of a plan. Chunks are never written to, so every branch and every output starts from
 * its own batch over the same list, and copies happen only where something changes.
 *
 * @throws {StepFailure}; the caller takes back what was written and counted until then.
 */
export function runPlan(plan: BuiltPlan, input: RunInput, around: RunSurroundings): RunOutput[] {
  const outputs: RunOutput[] = [];
  for (const branch of plan.branches) runBranch(branch, input, outputs, around);
  return outputs;
}

function runBranch(
  branch: BuiltBranch,
  { chunks, items: itemsBefore }: RunInput,
  outputs: RunOutput[],
  around: RunSurroundings,
): void {
  const { writer, lens } = around;
  const { pipeline } = branch;
  if (lens !== undefined) lens.branch(branch.index, { pipeline, signal: branch.signal, chunks, items: itemsBefore });
  const batch = openBatch(branch.signal, chunks, writer.memory);
  const last = branch.leavesAsItIs ? branch.transforms.at(-1) : undefined;
  let current = chunks;
  let items = itemsBefore;
  for (const transform of branch.transforms) {
    if (items === 0) return;
    const { ordinal, spec, run } = transform;
    // A batch gives the same list again and again.
    const before = lens === undefined ? current : [...current];
    around.vitals.step = ordinal;
    writer.lastStep = transform === last ? transform : undefined;
    around.tally.begins();
    try {
      refusePromise(run(batch));
      // Reading the chunks commits the step's edits, so that what they throw is this step's.
      current = batch.chunks;
    } catch (error) {
      throw new StepFailure(error, spec);
    } finally {
      around.tally.ends(ordinal, items);
      writer.lastStep = undefined;
    }
    const incoming = items;
    items = countAll(branch.signal, current);
    around.tally.passed(ordinal, incoming, items);
    if (lens !== undefined) {
      const where = { pipeline, signal: branch.signal };
      lens.transform(ordinal, { ...where, chunks: before, items: incoming }, { ...where, chunks: current, items });
    }
  }
  if (items === 0) return;
  for (const output of branch.outputs) runOutput(output, branch, { chunks: current, items }, outputs, around);
}

function runOutput(
  output: BuiltOutput,
  branch: BuiltBranch,
  { chunks, items }: RunInput,
  outputs: RunOutput[],
  around: RunSurroundings,
): void {
  if (output.to === 'junction') {
    runJunction(output, branch, { chunks, items }, outputs, around);
    return;
  }
  const { signal, pipeline } = branch;
  const { leaf, encoder, contiguous } = output;
  if (around.lens !== undefined) around.lens.leaf(leaf, { pipeline, signal, chunks, items });
  const { writer, tally, vitals } = around;
  if (encoder === undefined) {
    outputs.push({ leaf, signal, items, chunks: contiguous ? [writer.placeJoined(chunks)] : writer.placeAll(chunks) });
    return;
  }
  vitals.step = encoder.ordinal;
  let payload: unknown;
  tally.begins();
  try {
    payload = encoder.encoder.encode(openBatch(signal, chunks));
    if (!(payload instanceof Uint8Array)) throw new TypeError(`encode() returned ${describe(payload)}, not bytes`);
  } catch (error) {
    throw new StepFailure(error, encoder.spec);
  } finally {
    tally.ends(encoder.ordinal, items);
  }
  outputs.push({ leaf, signal, items, chunks: [writer.placeOne(payload)] });
}

function runJunction(
  output: Extract<BuiltOutput, { to: 'junction' }>,
  { signal, pipeline }: BuiltBranch,
  { chunks, items }: RunInput,
  outputs: RunOutput[],
  around: RunSurroundings,
): void {
  const { junction, branches } = output;
  const emitted: { readonly branch: BuiltBranch; readonly chunks: readonly Uint8Array[] }[] = [];
  const out: ConnectorOutput = {
    pipelines: branches.map((branch) => branch.pipeline),
    emit(batch, pipelines) {
      // The junction may go on to change the batch: what it emits is the state of this moment.
      const list = [...batch.chunks];
      for (const branch of receiversOf(batch, branches, pipelines)) emitted.push({ branch, chunks: list });
    },
  };
  around.vitals.step = junction.ordinal;
  around.tally.begins();
  try {
    refusePromise(junction.run(openBatch(signal, chunks), out));
  } catch (error) {
    throw new StepFailure(error, junction.spec);
  } finally {
    around.tally.ends(junction.ordinal, items);
  }
  const passing = emitted.map(({ branch, chunks }) => ({ branch, chunks, items: countAll(branch.signal, chunks) }));
  countEmitted(branches, items, passing, around.tally);
  if (around.lens !== undefined) {
    const after = passing.map(({ branch, chunks, items }) => {
      return { pipeline: branch.pipeline, signal: branch.signal, chunks, items };
    });
    around.lens.junction(junction.ordinal, { pipeline, signal, chunks, items }, after);
  }
  // Only now, so that the junction's own code cannot catch what a later step throws.
  for (const { branch, chunks, items } of passing) runBranch(branch, { chunks, items }, outputs, around);
}

/** What a connector consumes counts once for each signal that it makes of it. */
function countEmitted(
  branches: readonly BuiltBranch[],
  items: number,
  passing: readonly { readonly branch: BuiltBranch; readonly items: number }[],
  tally: Tally,
): void {
  for (const [at, branch] of branches.entries()) {
    const isFirst = branches.findIndex(({ signal }) => signal === branch.signal) === at;
    let produced = 0;
    for (const each of passing) if (each.branch === branch) produced += each.items;
    tally.emitted(branch.index, isFirst ? items : 0, produced);
  }
}

function receiversOf(
  batch: OpenBatch,
  branches: readonly BuiltBranch[],
  pipelines: readonly string[] | undefined,
): readonly BuiltBranch[] {
  if (pipelines === undefined) return branches.filter((branch) => branch.signal === batch.signal);
  return pipelines.map((pipeline) => {
    const branch = branches.find((each) => each.pipeline === pipeline);
    if (branch === undefined) throw permanent(`emitted to "${pipeline}", which does not receive from it`);
    if (branch.signal !== batch.signal) throw permanent(`emitted ${batch.signal} to "${pipeline}"`);
    return branch;
  });
}

/** A step that returns a promise has not done its work when the next one starts. */
function refusePromise(result: unknown): void {
  if (result === undefined) return;
  if (result instanceof Promise) {
    // Nobody waits for it: without this, its failure would end the worker.
    result.catch(() => undefined);
    throw new TypeError('a step must not be asynchronous');
  }
}

function countAll(signal: Signal, chunks: readonly Uint8Array[]): number {
  let items = 0;
  for (const chunk of chunks) items += countItems(signal, chunk);
  return items;
}

/** What a value is, for messages. */
export function describe(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value;
}
