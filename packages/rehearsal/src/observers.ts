import { type Batch, DeliveryError, type Definition, defineProcessor, SIGNALS, Type } from '@millrace/api';
import type { ResolvedComponent, ResolvedConfig, ResolvedPipeline } from '@millrace/config';

/** What passed a place in a pipeline. */
export interface Sighting {
  readonly pipeline: string;
  /** Processors that it has passed. */
  readonly position: number;
  /** An OTLP export request. */
  readonly request: Uint8Array;
  readonly items: number;
  /** Since the start. */
  readonly atMs: number;
  /** What everything behind this place said to it, once it has. */
  refusal: DeliveryError | undefined;
}

/**
 * The same pipelines with somebody who looks in front of every processor and behind the last one. What looks holds
 * nothing and changes nothing; it only cuts what would be done at once into steps.
 */
export function withObservers(config: ResolvedConfig, onSighting: (sighting: Sighting) => void): ResolvedConfig {
  const processors = new Map(config.processors);
  const observe = (pipeline: ResolvedPipeline, position: number): string => {
    const id = `observer/${pipeline.id}#${position}`;
    processors.set(id, observer(id, { pipeline: pipeline.id, position }, onSighting));
    return id;
  };
  const pipelines = [...config.pipelines.values()].map((pipeline) => {
    const watched = pipeline.processors.flatMap((id, index) => [observe(pipeline, index), id]);
    return { ...pipeline, processors: [...watched, observe(pipeline, pipeline.processors.length)] };
  });
  return { ...config, processors, pipelines: new Map(pipelines.map((pipeline) => [pipeline.id, pipeline])) };
}

function observer(
  id: string,
  place: Pick<Sighting, 'pipeline' | 'position'>,
  onSighting: (sighting: Sighting) => void,
): ResolvedComponent<'processor'> {
  const definition = defineProcessor({
    type: 'observer',
    summary: 'Looks at what passes.',
    stability: 'development',
    config: Type.Object({}),
    examples: [],
    // It must not have batches of several senders merged where somebody behind it reads who sent them.
    usesContext: () => true,
    stateful: {
      signals: SIGNALS,
      create: (_config, host) => ({
        shutdown: () => Promise.resolve(),
        async consume(batch: Batch) {
          const request = Uint8Array.from(Buffer.concat(batch.chunks));
          const atMs = host.clock.monotonic();
          const sighting: Sighting = { ...place, request, items: batch.items, atMs, refusal: undefined };
          onSighting(sighting);
          try {
            await host.next([batch]);
          } catch (error) {
            if (error instanceof DeliveryError) sighting.refusal = error;
            throw error;
          }
        },
      }),
    },
  }) as Definition<'processor'>;
  return {
    kind: 'processor',
    id,
    type: definition.type,
    definition,
    module: undefined,
    config: {},
    location: 'explain',
  };
}
