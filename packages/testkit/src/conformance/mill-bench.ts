import { DeliveryError, type Signal } from '@millrace/api';
import { Arena, createMill, type Mill, type Plan, type StepSpec } from '@millrace/workers';
import { silentLogger } from '../recording-logger.ts';
import type { Entry, Subject } from './subject.ts';
import { receivingOf } from './wiring.ts';

/** What a mill made of one input, as plain data. */
export interface Ground {
  readonly chunks: readonly Uint8Array[];
  readonly items: number;
  readonly error: string | undefined;
}

/** A plan, and what to grind with it. */
export interface Work {
  readonly plan: Plan;
  readonly inputs: readonly { readonly name: string; readonly bytes: Uint8Array; readonly form?: unknown }[];
}

/** Grinds the inputs of all plans one by one in one mill, and copies what comes out: for each plan, for each input. */
export async function grindAll(works: readonly Work[], threads: number): Promise<readonly (readonly Ground[])[]> {
  const arena = new Arena({ shared: threads > 0, bytesInFlightMax: 64 * 1024 * 1024, debug: true });
  const mill = createMill({ threads, heapMb: 256, deadlineMs: 30_000, arena, logger: silentLogger });
  await mill.start(works.map(({ plan }) => plan));
  try {
    const all: Ground[][] = [];
    for (const { plan, inputs } of works) {
      const ground: Ground[] = [];
      for (const { bytes, form } of inputs) ground.push(await grindOne(mill, arena, { plan, bytes, form }));
      all.push(ground);
    }
    return all;
  } finally {
    await mill.shutdown();
  }
}

async function grindOne(
  mill: Mill,
  arena: Arena,
  { plan, bytes, form }: { readonly plan: Plan; readonly bytes: Uint8Array; readonly form: unknown },
): Promise<Ground> {
  const region = arena.copy(bytes, 'intake');
  try {
    const { parts, leaves } = await mill.grind(plan.id, [{ region, form, context: undefined }], { priority: 'normal' });
    const regions = leaves.flatMap((leaf) => leaf.regions);
    const chunks = regions.map((each) => Uint8Array.from(each.bytes));
    for (const each of regions) each.release();
    const error = parts.find((part) => part.error instanceof DeliveryError)?.error;
    return { chunks, items: leaves.reduce((sum, { items }) => sum + items, 0), error: error?.message };
  } finally {
    region.release();
  }
}

/** A plan with nothing but the pure half of a component in it; undefined where it has none. */
export function planOf({ definition, url, options }: Subject, entry: Entry, signal: Signal): Plan | undefined {
  const step = (role: StepSpec['role']): StepSpec => {
    return { role, id: entry.id, type: definition.type, signal, module: url, config: entry.config };
  };
  const leaf = { to: 'leaf', leaf: 0, encoder: undefined, contiguous: false } as const;
  const branch = { pipeline: signal, signal, transforms: [], outputs: [leaf] };
  const id = `${entry.label} ${signal}`;
  const plan = { id, signal, decoder: undefined, validate: true, keepContexts: false, branches: [branch] };
  switch (definition.kind) {
    case 'receiver':
      return definition.decoder === undefined ? undefined : { ...plan, decoder: step('decoder') };
    case 'processor':
      if (definition.create === undefined) return undefined;
      return { ...plan, branches: [{ ...branch, transforms: [step('transform')] }] };
    case 'exporter':
      if (definition.encoder === undefined) return undefined;
      return { ...plan, branches: [{ ...branch, outputs: [{ ...leaf, encoder: step('encoder'), contiguous: true }] }] };
    case 'connector': {
      if (definition.create === undefined) return undefined;
      const targets = definition.routes.filter(({ from }) => from === signal);
      const branches = targets.flatMap(({ to }) =>
        receivingOf(options.receiving, entry.id, to).map((pipeline) => ({ ...branch, pipeline, signal: to })),
      );
      return {
        ...plan,
        branches: [{ ...branch, outputs: [{ to: 'junction', junction: step('junction'), branches }] }],
      };
    }
    case 'extension':
      return undefined;
  }
}
