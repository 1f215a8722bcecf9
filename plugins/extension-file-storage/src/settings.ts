import { type Schema, type Static, Type } from '@millrace/api';

const byteSize = (notes: { default: string; description: string }): Schema<number> => ({
  type: 'integer',
  'x-type': 'bytes',
  minimum: 0,
  ...notes,
});

/** What the Collector's compaction does on request, the segmented log always does. */
const compaction = Type.Object(
  {
    on_start: Type.Boolean({
      default: false,
      description: 'Compacts at the start. Accepted, without effect: room is freed at every start and while running.',
    }),
    on_rebound: Type.Boolean({
      default: false,
      description: 'Compacts after the storage was drained. Accepted, without effect: room is freed as it is drained.',
    }),
    directory: Type.Optional(
      Type.String({ description: 'Directory for temporary files. Accepted, without effect: there are none.' }),
    ),
    rebound_needed_threshold_mib: Type.Integer({
      default: 100,
      minimum: 0,
      description: 'Size from which `on_rebound` may compact. Accepted, without effect.',
    }),
    rebound_trigger_threshold_mib: Type.Integer({
      default: 10,
      minimum: 0,
      description: 'Size below which `on_rebound` compacts. Accepted, without effect.',
    }),
    max_transaction_size: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Entries moved at a time. Accepted, without effect.' }),
    ),
    check_interval: Type.Duration({
      default: '5s',
      description: 'How often `on_rebound` looks. Accepted, without effect.',
    }),
    cleanup_on_start: Type.Boolean({
      default: false,
      description: 'Removes temporary files of a crash. Accepted, without effect: they are always removed.',
    }),
  },
  { description: 'Segments that are done are freed at once, half-empty ones are compacted: nothing need be set.' },
);

const encryption = Type.Object(
  {
    key: Type.Optional(
      Type.Secret({ description: 'Key: 32 bytes as base64, such as `openssl rand -base64 32` gives.' }),
    ),
    key_file: Type.Optional(Type.String({ minLength: 1, description: 'File that holds the key, as base64.' })),
    previous_key_files: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: 'Files of earlier keys, to read what was written with them.',
    }),
  },
  { description: 'Encrypts what is stored with AES-256-GCM. What is stored in clear stays readable.' },
);

/** The Collector's keys, and ours: `min_free_space` and `encryption`. */
export const settings = Type.Object({
  directory: Type.String({
    default: '/var/lib/otelcol/file_storage',
    minLength: 1,
    description: 'Where it is kept; one collector at a time.',
  }),
  create_directory: Type.Boolean({ default: false, description: 'Whether the directory is made where there is none.' }),
  directory_permissions: Type.String({
    default: '0750',
    description: 'Permissions of a directory that is made, in octal, before the umask. Files are for their owner only.',
  }),
  timeout: Type.Duration({ default: '1s', description: 'How long to wait for another process to let go of it.' }),
  fsync: Type.Boolean({
    default: true,
    description:
      'Whether an acknowledgement waits for the disk. With false, the last seconds may be lost when the machine dies (not when the collector does).',
  }),
  max_size: byteSize({
    default: '0',
    description: 'Room that it may take on disk, in all; 0: no limit. What does not fit is refused, to be sent again.',
  }),
  min_free_space: byteSize({
    default: '128MiB',
    description: 'Room on the disk that is left free for others: what would take of it is refused.',
  }),
  recreate: Type.Boolean({
    default: false,
    description:
      'Begins anew after damage. Accepted, without effect: damage never fails a start, it is put aside and the rest is kept.',
  }),
  compaction,
  encryption: Type.Optional(encryption),
});

export type Settings = Static<typeof settings>;
