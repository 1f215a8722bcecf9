import { type ConfigFault, defineProcessor, Type } from '@millrace/api';
import { Batcher } from './batcher.ts';
import { PartitionedBatcher } from './partitioned-batcher.ts';

const config = Type.Object({
  send_batch_size: Type.Integer({
    default: 8192,
    minimum: 0,
    description: 'Items at which a batch is sent, whatever the timeout; 0 sends everything at once.',
  }),
  timeout: Type.Duration({
    default: '200ms',
    description: 'Time after which a batch is sent, whatever its size; 0 sends everything at once.',
  }),
  send_batch_max_size: Type.Integer({
    default: 0,
    minimum: 0,
    description: 'Items above which a batch is cut; 0 never cuts. At least send_batch_size otherwise.',
  }),
  metadata_keys: Type.Array(Type.String(), {
    default: [],
    description: 'Client metadata whose values keep batches apart. Needs include_metadata on the receiver.',
  }),
  metadata_cardinality_limit: Type.Integer({
    default: 1000,
    minimum: 0,
    description: 'Combinations of metadata values beyond which data is refused; 0: no limit.',
  }),
});

/** Gathers items into batches of a useful size, by count and by time. */
export default defineProcessor({
  type: 'batch',
  summary: 'Gathers items into larger batches, by number and by time.',
  stability: 'beta',
  config,
  examples: [
    { title: 'Defaults', yaml: 'batch:' },
    {
      title: 'Large batches, cut at 10,000 items',
      yaml: 'batch: { send_batch_size: 10000, send_batch_max_size: 10000, timeout: 1s }',
    },
    { title: 'One batch for each tenant', yaml: 'batch/tenants: { metadata_keys: [x-tenant] }' },
  ],
  check({ send_batch_size, send_batch_max_size, metadata_keys }): readonly ConfigFault[] {
    const faults: ConfigFault[] = [];
    if (send_batch_max_size > 0 && send_batch_max_size < send_batch_size) {
      faults.push({
        path: ['send_batch_max_size'],
        message: `is ${send_batch_max_size}, less than send_batch_size (${send_batch_size})`,
        remedy: 'raise it, or lower send_batch_size',
      });
    }
    const lower = metadata_keys.map((key) => key.toLowerCase());
    lower.forEach((key, index) => {
      if (lower.indexOf(key) < index) {
        faults.push({ path: ['metadata_keys', index], message: `"${metadata_keys[index]}" is there twice` });
      }
    });
    return faults;
  },
  usesContext: ({ metadata_keys }) => metadata_keys.length > 0,
  stateful: {
    signals: ['logs', 'traces', 'metrics', 'profiles'],
    create(settings, host) {
      return settings.metadata_keys.length === 0 ? new Batcher(settings, host) : new PartitionedBatcher(settings, host);
    },
  },
});
