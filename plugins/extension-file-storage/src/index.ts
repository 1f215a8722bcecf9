import { defineExtension } from '@millrace/api';
import { checkSettings } from './check.ts';
import { settings } from './settings.ts';
import { storageDirectory } from './storage-directory.ts';

/** Keeps sending queues, checkpoints and what components remember in one directory. */
export default defineExtension({
  type: 'file_storage',
  summary: 'Keeps sending queues, checkpoints and the state of components on disk, through crashes and power cuts.',
  stability: 'beta',
  config: settings,
  examples: [
    { title: 'Defaults: /var/lib/otelcol/file_storage, which must exist', yaml: 'file_storage:' },
    {
      title: 'A directory of its own, of at most 10 GiB',
      yaml: 'file_storage: { directory: ./queue, create_directory: true, max_size: 10GiB }',
    },
    {
      title: 'Encrypted at rest',
      yaml: 'file_storage/sealed: { directory: ./queue, create_directory: true, encryption: { key_file: /etc/millrace/storage.key } }',
    },
  ],
  check: checkSettings,
  create: (config, { logger }) => {
    const { compaction } = config;
    const ignored = ['directory', 'max_transaction_size'].filter((key) => key in compaction);
    return {
      start() {
        if (ignored.length === 0) return;
        logger.info('compaction runs by itself, inside the directory; some settings have no effect', {
          keys: ignored.map((key) => `compaction.${key}`),
        });
      },
    };
  },
  storage: storageDirectory,
});
