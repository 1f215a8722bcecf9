import { readFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { defineProcessor, type StepTools, type Transform, Type } from '@millrace/api';

let grinds = 0;

/** Pure processors, each of which is not quite. */
export default [
  transform('invents_items', 'Adds a record of its own.', () => ({
    logs(batch) {
      for (const resource of batch.resources) for (const scope of resource.scopes) scope.addRecord();
    },
  })),
  transform('differs_in_the_worker', 'Says where it was.', () => ({
    logs(batch) {
      for (const record of batch.records) record.attributes.set('main', isMainThread);
    },
  })),
  transform('remembers', 'Numbers what it has seen.', () => ({
    logs(batch) {
      for (const record of batch.records) record.attributes.set('number', grinds++);
    },
  })),
  transform('remembers_in_its_copy', 'Numbers what each of its copies has seen.', () => {
    let records = 0;
    return {
      logs(batch) {
        for (const record of batch.records) record.attributes.set('number', records++);
      },
    };
  }),
  transform('salts', 'Adds a random number.', () => ({
    logs(batch) {
      for (const record of batch.records) record.attributes.set('salt', Math.random());
    },
  })),
  transform('touches_all', 'Rewrites what it was told to leave alone.', () => ({
    logs(batch) {
      for (const record of batch.records) record.attributes.set('touched', true);
    },
  })),
  transform('fails_on_the_odd', 'Knows only bodies that are texts.', () => ({
    logs(batch) {
      for (const record of batch.records) if (typeof record.body !== 'string') throw new TypeError('no text');
    },
  })),
  transform('reads_a_file', 'Reads its own file for each batch.', () => ({
    logs() {
      readFileSync(new URL(import.meta.url));
    },
  })),
  transform('leaves_a_timer', 'Does something later.', () => ({
    logs() {
      setTimeout(() => undefined).unref();
    },
  })),
  transform('writes_to_its_input', 'Does not trust the views.', () => ({
    logs(batch) {
      const [chunk] = batch.chunks as Uint8Array[];
      // The last byte of a text: what comes out is still valid.
      if (chunk !== undefined && chunk.length > 0) chunk[chunk.length - 1] ^= 1;
    },
  })),
  transform('hides_its_context', 'Tags records with who sent them.', (tools) => ({
    logs(batch) {
      const address = tools.context?.address ?? 'unknown';
      for (const record of batch.records) record.attributes.set('from', address);
    },
  })),
];

function transform(type: string, summary: string, create: (tools: StepTools) => Transform) {
  return defineProcessor({
    type,
    summary,
    stability: 'development',
    config: Type.Object({}),
    examples: [{ title: 'Defaults', yaml: `${type}:` }],
    create: (_config, tools) => create(tools),
  });
}
