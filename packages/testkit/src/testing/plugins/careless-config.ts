import { defineExtension, Type } from '@millrace/api';

/** Everything that can be wrong with a config that still loads. */
export default [
  defineExtension({
    type: 'undocumented_key',
    summary: 'Has a key that nobody explains.',
    stability: 'development',
    config: Type.Object({ secret_switch: Type.Boolean({ default: false }) }),
    examples: [{ title: 'Defaults', yaml: 'undocumented_key:' }],
    create: () => ({}),
  }),
  defineExtension({
    type: 'wrong_example',
    summary: 'Shows an example that does not work.',
    stability: 'development',
    config: Type.Object({ size: Type.Integer({ default: 1, minimum: 1, description: 'How large.' }) }),
    examples: [{ title: 'Too small', yaml: 'wrong_example: { size: 0 }' }],
    create: () => ({}),
  }),
  defineExtension({
    type: 'wrong_default',
    summary: 'Has a default that its own schema refuses.',
    stability: 'development',
    config: Type.Object({ size: Type.Integer({ default: 0, minimum: 1, description: 'How large.' }) }),
    examples: [{ title: 'Defaults', yaml: 'wrong_default:' }],
    create: () => ({}),
  }),
  defineExtension({
    type: 'unknown_keyword',
    summary: 'Has a schema with a keyword that nobody looks at.',
    stability: 'development',
    config: Type.Object({
      size: { ...Type.Integer({ default: 1, description: 'How large.' }), multipleOf: 2 } as never,
    }),
    examples: [{ title: 'Defaults', yaml: 'unknown_keyword:' }],
    create: () => ({}),
  }),
  defineExtension({
    type: 'lets-all_pass',
    summary: 'has no sentence',
    stability: 'development',
    config: { type: 'object', properties: {}, additionalProperties: { type: 'integer' } },
    examples: [{ title: 'Defaults', yaml: 'lets-all_pass:' }],
    create: () => ({}),
  }),
  defineExtension({
    type: 'fails_to_build',
    summary: 'Does in its creation what belongs into the start.',
    stability: 'development',
    config: Type.Object({}),
    examples: [{ title: 'Defaults', yaml: 'fails_to_build:' }],
    create() {
      throw new Error('no licence file');
    },
  }),
];
