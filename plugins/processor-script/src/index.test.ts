import { describeConformance } from '@millrace/testkit';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: [
    'script/nothing: { log: "", span: "", point: "" }'.replaceAll('""', '";"'),
    'script/reads: { code: "function logs(batch) { for (const record of batch.records) record.attributes.toObject(); }" }',
  ],
});
