import { defineConnector, defineExporter, defineProcessor, exporterSettings, permanent, Type } from '@millrace/api';

const common = { stability: 'development', examples: [] } as const;

/** Pure steps for tests of the engine, in a module of their own so that workers can import them. */
export default [
  defineProcessor({
    ...common,
    type: 'mark',
    summary: 'Sets an attribute on every record and span.',
    config: Type.Object({ as: Type.String({ default: 'mark', description: 'Key and value.' }) }),
    create: ({ as }) => ({
      logs(batch) {
        for (const record of batch.records) record.attributes.set(as, as);
      },
      traces(batch) {
        for (const span of batch.spans) span.attributes.set(as, as);
      },
    }),
  }),
  defineProcessor({
    ...common,
    type: 'only_even',
    summary: 'Drops every other record by its number.',
    config: Type.Object({}),
    create: () => ({
      logs(batch) {
        for (const record of batch.records) if (Number(record.attributes.get('item.id')) % 2 === 1) record.drop();
      },
    }),
  }),
  defineProcessor({
    ...common,
    type: 'poisoned_by',
    summary: 'Fails on one record by its number.',
    config: Type.Object({ id: Type.Integer({ description: 'Number of the record.' }) }),
    create: ({ id }) => ({
      logs(batch) {
        for (const record of batch.records) {
          if (Number(record.attributes.get('item.id')) === id) throw permanent(`record ${id} is poison`);
        }
      },
    }),
  }),
  defineProcessor({
    ...common,
    type: 'stamp_sender',
    summary: 'Notes on every record who sent it.',
    config: Type.Object({}),
    usesContext: () => true,
    create: (_config, tools) => ({
      logs(batch) {
        const tenant = tools.context?.metadata?.['x-tenant']?.[0] ?? 'nobody';
        for (const record of batch.records) record.attributes.set('tenant', tenant);
      },
    }),
  }),
  defineExporter({
    ...common,
    type: 'picky',
    summary: 'Cannot encode one record, by its number; counts what it sends.',
    signals: ['logs'],
    config: Type.Object({ ...exporterSettings(), id: Type.Integer({ description: 'Number of the record.' }) }),
    encoder: ({ id }) => ({
      encode(batch) {
        for (const record of 'records' in batch ? batch.records : []) {
          if (Number(record.attributes.get('item.id')) === id) throw new TypeError(`record ${id} is poison`);
        }
        return batch.toBytes();
      },
    }),
    create: (_config, { telemetry }) => {
      const sent = telemetry.counter('exporter_sent_picky', { description: 'Items that arrived' });
      return { send: ({ items }) => Promise.resolve(sent.add(items)) };
    },
  }),
  defineConnector({
    ...common,
    type: 'pass',
    summary: 'Passes logs on.',
    config: Type.Object({}),
    routes: [{ from: 'logs', to: 'logs' }],
    create: () => ({ logs: (batch, out) => out.emit(batch) }),
  }),
];
