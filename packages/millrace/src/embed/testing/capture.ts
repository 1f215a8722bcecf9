import { type Definition, defineExporter, defineProcessor, type Outgoing, SIGNALS, Type } from '@millrace/api';
import { LogsBatch } from '@millrace/otlp';

/** An exporter `capture` that keeps what it is given, or fails as a test says. */
export class Capture {
  readonly payloads: Uint8Array[] = [];
  /** Called before a payload is taken. */
  answer: (payload: Outgoing) => Promise<void> = () => Promise.resolve();

  readonly definition: Definition = defineExporter({
    type: 'capture',
    summary: 'Keeps what it is given, for tests.',
    stability: 'development',
    signals: SIGNALS,
    config: Type.Object({ token: Type.Optional(Type.Secret({ description: 'A secret.' })) }),
    examples: [],
    create: () => ({
      send: async (payload) => {
        await this.answer(payload);
        this.payloads.push(payload.bytes.slice());
      },
    }),
  }) as Definition;

  /** Of the log records that came: their bodies, with `tag` behind where that is set. */
  get bodies(): unknown[] {
    return this.payloads.flatMap((bytes) =>
      Array.from(LogsBatch.of([bytes]).records, (record) => {
        const tag = record.attributes.get('tag');
        return tag === undefined ? record.body : `${record.body as string} ${tag as string}`;
      }),
    );
  }
}

/** A processor `tag` that sets an attribute to this text. */
export function tagger(text: string): Definition {
  return defineProcessor({
    type: 'tag',
    summary: 'Tags log records, for tests.',
    stability: 'development',
    config: Type.Object({}),
    examples: [],
    create: () => ({
      logs(batch) {
        for (const record of batch.records) record.attributes.set('tag', text);
      },
    }),
  }) as Definition;
}
