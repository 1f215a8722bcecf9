import {
  circuitBreaker,
  deadLetter,
  defineExporter,
  type Definition,
  retryOnFailure,
  sendingQueue,
  sendTimeout,
  SIGNALS,
  Type,
} from '@millrace/api';
import type { Signal } from '@millrace/api';
import { ScriptedSink } from './scripted-sink.ts';
import { idsIn } from './tagged-items.ts';

/** The exporter `test/…`: records what it accepts, in memory, and fails as a test tells it to. */
export class TestExporter extends ScriptedSink {
  /** Ids of the accepted items, in order. */
  ids(signal?: Signal): number[] {
    return this.accepted
      .filter((payload) => signal === undefined || payload.signal === signal)
      .flatMap((payload) => idsIn(payload.signal, [payload.bytes]));
  }

  /** Resolves once so many items were accepted. */
  received(items: number): Promise<void> {
    return this.until(() => this.items >= items);
  }
}

/**
 * Its definition; `exporterOf` gives the recorder for an id. Without settings nothing stands between the pipeline and
 * the recorder; `timeout`, `sending_queue` and `retry_on_failure` mean what they mean for every exporter.
 */
export function testExporter(exporterOf: (id: string) => TestExporter): Definition<'exporter'> {
  return defineExporter({
    type: 'test',
    summary: 'Records what it accepts, for tests.',
    stability: 'development',
    signals: SIGNALS,
    config: Type.Object({
      guarantee: Type.Enum(['memory', 'safe'], { default: 'safe', description: 'What an accepted payload means.' }),
      timeout: Type.Optional(sendTimeout()),
      sending_queue: Type.Section(sendingQueue()),
      retry_on_failure: Type.Section(retryOnFailure()),
      circuit_breaker: Type.Section(circuitBreaker()),
      dead_letter: deadLetter('Where that goes which is refused for good.'),
    }),
    examples: [{ title: 'No settings', yaml: 'test/out:' }],
    create({ guarantee }, host) {
      const exporter = exporterOf(host.id);
      exporter.guarantee = guarantee;
      return exporter;
    },
  }) as Definition<'exporter'>;
}
