import { type ConfigFault, messageOf, type Static, Type } from '@millrace/api';
import { levelProblem, parseRecipient } from '@millrace/codec';

const rotation = Type.Object(
  {
    max_megabytes: Type.Integer({
      default: 100,
      minimum: 0,
      description: 'Size in MiB that a file does not exceed, unless by a single batch; 0 means 100, too.',
    }),
    max_days: Type.Integer({
      default: 0,
      minimum: 0,
      description: 'Rotated files older than so many times 24 hours are removed; 0 keeps them. It does not rotate.',
    }),
    max_backups: Type.Integer({
      default: 100,
      minimum: 0,
      description: 'How many rotated files are kept; 0 keeps all.',
    }),
    localtime: Type.Boolean({
      default: false,
      description: 'Whether the names of rotated files carry local time instead of UTC.',
    }),
  },
  {
    description:
      'Renames full files to name-2006-01-02T15-04-05.000.ext and begins new ones; without the key, one file grows. ' +
      'With it, an existing file is continued and its directory is created.',
  },
);

const encryption = Type.Object(
  {
    recipients: Type.Array(Type.String(), {
      default: [],
      description: 'Who can decrypt: age X25519 recipients (age1…). Not secret.',
    }),
    recipients_file: Type.Optional(
      Type.String({ description: 'File with more recipients, one a line, such as `millrace keygen` writes.' }),
    ),
  },
  {
    description:
      'Encrypts files with age v1 (https://age-encryption.org/v1), after compression. Readable with ' +
      '`age -d -i KEY` and `millrace cat`. A file cannot be continued after a restart: it is renamed as in a rotation.',
  },
);

export const config = Type.Object({
  path: Type.String({
    minLength: 1,
    description: 'File to write; with group_by, one `*` in it stands for the group. Relative to the working directory.',
  }),
  format: Type.Enum(['json', 'proto'], {
    default: 'json',
    description:
      'json: one OTLP/JSON request a line. proto: OTLP protobuf requests, each after its length in 4 bytes, big-endian.',
  }),
  encoding: Type.Unsupported('The extension that encodes', 'use format: json or proto'),
  append: Type.Boolean({
    default: false,
    description:
      'Whether an existing file is continued. Without this, rotation or group_by, it is emptied at the start.',
  }),
  rotation: Type.Section(rotation),
  compression: Type.Enum(['', 'none', 'gzip', 'zstd', 'lz4'], {
    default: 'none',
    description:
      'Each batch becomes a frame (gzip: member) of its own; the file is what the gzip, zstd and lz4 programs read.',
  }),
  compression_params: Type.Object(
    {
      level: Type.Optional(
        Type.Integer({ description: 'Level of gzip (-2 to 9, default 6) or zstd (-7 to 22, default 1).' }),
      ),
    },
    { description: 'How hard to compress.' },
  ),
  flush_interval: Type.Duration({
    default: '1s',
    minimumMs: 0,
    description:
      'How often an encrypted file is brought up to date, as far as whole chunks of 64 KiB go. Other files always are.',
  }),
  create_directory: Type.Boolean({
    default: false,
    description: "Whether the file's directory is created at the start. With rotation it always is.",
  }),
  directory_permissions: Type.Optional(
    Type.String({ description: 'Octal permissions of directories that are created (minus umask), 0755 if absent.' }),
  ),
  group_by: Type.Object(
    {
      enabled: Type.Boolean({ default: false, description: 'Whether each group of resources has a file of its own.' }),
      resource_attribute: Type.String({
        default: 'fileexporter.path_segment',
        description:
          'Resource attribute that replaces the `*` in path. Resources without it (as a string) are dropped.',
      }),
      max_open_files: Type.Integer({
        default: 100,
        minimum: 1,
        description: 'Files kept open; beyond it, the one that was not written for the longest time is finished.',
      }),
    },
    { description: 'Writes to one file for each value of a resource attribute.' },
  ),
  encryption: Type.Optional(encryption),
  seal_after: Type.Duration({
    default: '1m',
    minimumMs: 0,
    description:
      'Longest time for which data of an encrypted file waits in memory. age writes chunks of 64 KiB: data that does ' +
      'not fill one is padded at flush_interval while padding is below a tenth of the file, and after this time in ' +
      'any case (at 1m, at most 90 MiB a day). 0 never pads beyond the tenth.',
  }),
  fsync: Type.Boolean({
    default: false,
    description:
      'Whether data counts as accepted only once it is on disk. Batches that arrive meanwhile share one sync. ' +
      'An encrypted file then grows by at least 64 KiB with each sync.',
  }),
});

/** Decoded settings of the exporter. */
export type FileExporterConfig = Static<typeof config>;

/** What the schema cannot express. */
export function checkConfig(settings: FileExporterConfig): readonly ConfigFault[] {
  return [
    ...directoryFaults(settings),
    ...compressionFaults(settings),
    ...groupFaults(settings),
    ...recipientFaults(settings),
  ];
}

function directoryFaults({ create_directory, directory_permissions }: FileExporterConfig): ConfigFault[] {
  if (directory_permissions === undefined) return [];
  const path = ['directory_permissions'];
  if (!create_directory) {
    return [{ path, message: 'is of no use without create_directory', remedy: 'set create_directory: true' }];
  }
  if (/^0?[0-7]{1,3}$/.test(directory_permissions)) return [];
  return [{ path, message: `is "${directory_permissions}", no octal permissions`, remedy: 'write e.g. "0755"' }];
}

function compressionFaults({ compression, compression_params: { level } }: FileExporterConfig): ConfigFault[] {
  if (level === undefined) return [];
  const problem = levelProblem(compression === '' ? 'none' : compression, level);
  return problem === undefined ? [] : [{ path: ['compression_params', 'level'], message: problem }];
}

function groupFaults({ path, group_by: { enabled, resource_attribute } }: FileExporterConfig): ConfigFault[] {
  if (!enabled) return [];
  const faults: ConfigFault[] = [];
  const stars = path.split('*').length - 1;
  if (stars !== 1) {
    faults.push({ path: ['path'], message: `has ${stars} "*", must have exactly one where group_by is enabled` });
  } else if (path.startsWith('*')) {
    faults.push({
      path: ['path'],
      message: 'must not begin with "*" where group_by is enabled',
      remedy: 'name a directory',
    });
  }
  if (resource_attribute === '') {
    faults.push({ path: ['group_by', 'resource_attribute'], message: 'must not be empty' });
  }
  return faults;
}

function recipientFaults({ encryption: sealed }: FileExporterConfig): ConfigFault[] {
  if (sealed === undefined) return [];
  const { recipients, recipients_file } = sealed;
  if (recipients.length === 0 && recipients_file === undefined) {
    const remedy = 'give recipients or recipients_file; `millrace keygen FILE` makes a key pair';
    return [{ path: ['encryption'], message: 'names nobody who could decrypt', remedy }];
  }
  return recipients.flatMap((recipient, index) => {
    try {
      parseRecipient(recipient);
      return [];
    } catch (error) {
      return [{ path: ['encryption', 'recipients', index], message: messageOf(error) }];
    }
  });
}
