import { isDeepStrictEqual } from 'node:util';
import { ComponentError, type Gate, type Kind, type Lifecycle } from '@millrace/api';
import type { ResolvedConfig } from '@millrace/config';
import type { Assembly, ReceiverNode } from '../assembly.ts';
import type { DeadLetterNode } from '../dead-letter-node.ts';
import type { DeadLetterPlace } from '../dead-letter-plan.ts';
import type { ExporterNode } from '../exporter-node.ts';
import type { Guarantee } from '../guarantee.ts';
import { type Tenure, tenureKey } from '../host-factory.ts';
import type { PipelineGraph, StatefulSpec } from '../pipeline-graph.ts';
import type { StatefulNode } from '../stateful-node.ts';
import { Unchanged } from './unchanged.ts';

/** What runs, with what it was made from. */
export interface Predecessor {
  readonly config: ResolvedConfig;
  readonly graph: PipelineGraph;
  readonly parts: Assembly;
  /** Parts that were stopped. */
  readonly gone: ReadonlySet<object>;
}

/** What a new graph takes over from the running one: components that nothing has changed for. */
export class Heritage {
  /** Everything that was taken over. */
  readonly kept = new Set<object>();
  readonly tenures = new Map<string, Tenure>();
  readonly #before: Predecessor | undefined;
  readonly #graph: PipelineGraph;
  readonly #unchanged: Unchanged | undefined;

  constructor(
    before: Predecessor | undefined,
    after: { readonly config: ResolvedConfig; readonly graph: PipelineGraph },
  ) {
    this.#before = before;
    this.#graph = after.graph;
    this.#unchanged = before && new Unchanged(before.config, after.config);
  }

  extension(id: string): Lifecycle | undefined {
    return this.#keep('extension', id, this.#before?.parts.extensions.get(id));
  }

  /** It serves the same signals, and what it gives up goes to the same place. */
  exporter(id: string): ExporterNode | undefined {
    return this.#isExporterSame(id) ? this.#keep('exporter', id, this.#before?.parts.exporters.get(id)) : undefined;
  }

  gate(key: string): Gate | undefined {
    return this.#keep('processor', key, this.#before?.parts.gates.get(key));
  }

  /** It stands where it stood, what is behind it promises the same, and what it gives up goes to the same place. */
  stateful(spec: StatefulSpec, guarantee: Guarantee): StatefulNode | undefined {
    const was = this.#before?.graph.stateful.find(({ key }) => key === spec.key);
    const node = this.#before?.parts.stateful.get(spec.key);
    if (was === undefined || node?.guarantee !== guarantee || !isDeepStrictEqual(targetsOf(was), targetsOf(spec))) {
      return undefined;
    }
    if (spec.kind === 'connector' && !this.#isServiceLetterSame()) return undefined;
    return this.#keep(spec.kind, spec.component.id, node);
  }

  /** It serves the same signals. */
  receiver(id: string): ReceiverNode | undefined {
    const before = this.#before;
    if (before === undefined) return undefined;
    return isDeepStrictEqual(receivedBy(before.graph, id), receivedBy(this.#graph, id))
      ? this.#keep('receiver', id, before.parts.receivers.get(id))
      : undefined;
  }

  /** Throws a ComponentError where a directory that is in use is described in another way. */
  deadLetter(place: DeadLetterPlace): DeadLetterNode | undefined {
    const { directory } = place;
    const before = this.#before;
    const node = before?.parts.deadLetters.get(directory);
    if (before === undefined || node === undefined || before.gone.has(node)) return undefined;
    const was = before.graph.deadLetters.places.find((each) => each.directory === directory);
    if (!isDeepStrictEqual(was, place)) {
      throw new ComponentError(`the settings of the dead letter ${directory} cannot be changed while it is in use`, {
        code: 'RELOAD_NEEDS_RESTART',
        remedy: 'restart the collector, or name another directory',
      });
    }
    this.kept.add(node);
    return node;
  }

  #keep<T extends object>(kind: Kind, id: string, part: T | undefined): T | undefined {
    const { parts, gone } = this.#before ?? {};
    if (part === undefined || gone?.has(part) === true || this.#unchanged?.has(kind, id) !== true) return undefined;
    this.kept.add(part);
    const key = tenureKey(kind, id);
    const tenure = parts?.tenures.get(key);
    if (tenure !== undefined) this.tenures.set(key, tenure);
    return part;
  }

  #isServiceLetterSame(): boolean {
    const { service } = this.#graph.deadLetters;
    if (!isDeepStrictEqual(this.#before?.graph.deadLetters.service, service)) return false;
    return service?.to !== 'exporter' || this.#isExporterSame(service.id);
  }

  #isExporterSame(id: string): boolean {
    const { exporters, signals } = this.#graph.deadLetters;
    const was = this.#before?.graph.deadLetters;
    const node = this.#before?.parts.exporters.get(id);
    if (node === undefined || this.#before?.gone.has(node) === true || this.#unchanged?.has('exporter', id) !== true) {
      return false;
    }
    const target = exporters.get(id);
    return (
      isDeepStrictEqual(was?.signals.get(id), signals.get(id)) &&
      isDeepStrictEqual(was?.exporters.get(id), target) &&
      (target?.to !== 'exporter' || this.#isExporterSame(target.id))
    );
  }
}

/** Where a stateful component passes data on to. */
function targetsOf(spec: StatefulSpec): unknown {
  return spec.kind === 'processor' ? [spec.pipeline.signal] : [spec.from, spec.to, spec.pipelines.map(({ id }) => id)];
}

function receivedBy({ stages }: PipelineGraph, id: string): ReadonlySet<string> {
  const own = stages.filter(({ entry }) => entry.from === 'receiver' && entry.id === id);
  return new Set(own.map(({ plan }) => plan.signal));
}
