import { defineProcessor, Type } from '@millrace/api';

export default defineProcessor({
  type: 'well_behaved',
  summary: 'Drops debug records and names the rest.',
  stability: 'development',
  config: Type.Object({
    attribute: Type.String({ default: 'seen', minLength: 1, description: 'Attribute that is set.' }),
  }),
  examples: [
    { title: 'Defaults', yaml: 'well_behaved:' },
    { title: 'Another name', yaml: 'well_behaved/named: { attribute: noticed }' },
  ],
  create: ({ attribute }) => ({
    logs(batch) {
      for (const record of batch.records) {
        if (record.severityNumber < 5) record.drop();
        else record.attributes.set(attribute, true);
      }
    },
  }),
});
