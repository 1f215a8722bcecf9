import {
  defineConnector,
  defineExporter,
  defineExtension,
  defineProcessor,
  defineReceiver,
  exporterSettings,
  storageId,
  Type,
  type Definition,
  type Kind,
} from '@millrace/api';
import type { Registry, RegistryEntry } from '../resolved-config.ts';

const notRun = (): never => {
  throw new Error('definitions of tests are never run');
};
const common = { summary: 'For tests.', stability: 'beta', examples: [] } as const;

const endpoint = (byDefault: string) => Type.String({ default: byDefault, minLength: 1, description: 'Address.' });

const tls = Type.Optional(
  Type.Object({
    insecure: Type.Boolean({ default: false }),
    ca_file: Type.Optional(Type.String()),
    cert_file: Type.Optional(Type.String()),
    key_file: Type.Optional(Type.String()),
    key_pem: Type.Optional(Type.Secret()),
  }),
);

/** Definitions that look like the real ones and have every feature of schemas in them. */
export const DEFINITIONS: readonly Definition[] = [
  defineReceiver({
    ...common,
    type: 'otlp',
    signals: ['logs', 'traces', 'metrics'],
    config: Type.Object({
      protocols: Type.Object({
        grpc: Type.Section(
          Type.Object({
            endpoint: endpoint('localhost:4317'),
            max_recv_msg_size_mib: Type.Integer({ default: 4, minimum: 1 }),
            tls,
            keepalive: Type.Optional(Type.Object({ time: Type.Duration({ default: '2h' }) })),
          }),
        ),
        http: Type.Section(
          Type.Object({
            endpoint: endpoint('localhost:4318'),
            cors: Type.Optional(Type.Object({ allowed_origins: Type.Array(Type.String(), { default: [] }) })),
          }),
        ),
      }),
    }),
    check: ({ protocols }) =>
      protocols.grpc === undefined && protocols.http === undefined
        ? [{ path: ['protocols'], message: 'no protocol is enabled', remedy: 'add grpc: or http:' }]
        : [],
    create: notRun,
  }),
  defineReceiver({
    ...common,
    type: 'filelog',
    signals: ['logs'],
    config: Type.Object({
      include: Type.Array(Type.String(), { minItems: 1, description: 'Patterns of files.' }),
      poll_interval: Type.Duration({ default: '200ms', minimumMs: 1 }),
      start_at: Type.Enum(['beginning', 'end'], { default: 'end' }),
      max_log_size: { type: 'integer', 'x-type': 'bytes', default: '1MiB', minimum: 1 },
      storage: storageId('Keeps offsets.'),
    }),
    create: notRun,
  }),
  defineReceiver({
    ...common,
    type: 'demo',
    signals: ['logs', 'traces', 'metrics'],
    config: Type.Object({}),
    create: notRun,
  }),
  defineProcessor({
    ...common,
    type: 'batch',
    config: Type.Object({
      timeout: Type.Duration({ default: '200ms' }),
      send_batch_size: Type.Integer({ default: 8192, minimum: 0 }),
      send_batch_max_size: Type.Integer({ default: 0, minimum: 0 }),
      metadata_keys: Type.Array(Type.String(), { default: [], uniqueItems: true } as object),
    }),
    check: ({ send_batch_size: size, send_batch_max_size: max }) =>
      max > 0 && max < size
        ? [
            {
              path: ['send_batch_max_size'],
              message: `is ${max}, less than send_batch_size (${size})`,
              remedy: 'raise it',
            },
          ]
        : [],
    create: notRun,
  }),
  defineProcessor({
    ...common,
    type: 'memory_limiter',
    config: Type.Object({
      check_interval: Type.Duration(),
      limit_mib: Type.Integer({ default: 0, minimum: 0 }),
      limit_percentage: Type.Integer({ default: 0, minimum: 0, maximum: 100 }),
    }),
    gate: { signals: ['logs', 'traces', 'metrics'], create: notRun },
  }),
  defineProcessor({
    ...common,
    type: 'tail_sampling',
    config: Type.Object({}),
    stateful: { signals: ['traces'], create: notRun },
  }),
  defineProcessor({
    ...common,
    type: 'attributes',
    config: Type.Object({
      actions: Type.Array(
        Type.Object({
          key: Type.String({ minLength: 1 }),
          action: Type.Enum(['insert', 'update', 'upsert', 'delete', 'hash']),
          value: Type.Optional(Type.Any()),
        }),
        { minItems: 1 },
      ),
    }),
    create: notRun,
  }),
  defineExporter({
    ...common,
    type: 'otlp_http',
    aliases: ['otlphttp'],
    signals: ['logs', 'traces', 'metrics'],
    config: Type.Object({
      endpoint: Type.String({ pattern: '^https?://', examples: ['https://example.com:4318'] }),
      compression: Type.Enum(['gzip', 'zstd', 'none'], { default: 'gzip' }),
      headers: Type.Record(Type.Secret(), { default: {} }),
      tls,
      ...exporterSettings({ timeout: '30s' }),
    }),
    create: notRun,
  }),
  defineExporter({
    ...common,
    type: 'debug',
    signals: ['logs', 'traces', 'metrics'],
    config: Type.Object({
      verbosity: Type.Enum(['basic', 'normal', 'detailed'], { default: 'basic' }),
      sampling_initial: Type.Integer({ default: 2, minimum: 0 }),
      use_internal_logger: Type.Boolean({ default: true, deprecated: true, description: 'use output_paths' }),
    }),
    create: notRun,
  }),
  defineExporter({
    ...common,
    type: 'file',
    signals: ['logs'],
    config: Type.Object({
      path: Type.String({ minLength: 1 }),
      ratio: Type.Number({ default: 1, minimum: 0, maximum: 1 }),
      encoding: Type.Unsupported('Encodings', 'use format'),
      old: Type.Inert('Of earlier versions.'),
      rotation: Type.Section(Type.Object({ max_megabytes: Type.Integer({ default: 100, minimum: 1 }) })),
      dead_letter: Type.Optional(Type.ComponentId('exporter')),
      flush: Type.Union([Type.Boolean(), Type.Duration({ minimumMs: 10 })], { default: true }),
      keys: Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.String())], { default: 'all' }),
      free: Type.Object({ known: Type.Integer({ default: 1 }) }, { open: true }),
    }),
    create: notRun,
  }),
  defineConnector({
    ...common,
    type: 'forward',
    routes: (['logs', 'traces', 'metrics'] as const).map((signal) => ({ from: signal, to: signal })),
    config: Type.Object({}),
    create: notRun,
  }),
  defineConnector({
    ...common,
    type: 'count',
    routes: (['logs', 'traces', 'metrics'] as const).map((signal) => ({ from: signal, to: 'metrics' })),
    config: Type.Object({}),
    create: notRun,
  }),
  defineExtension({
    ...common,
    type: 'health_check',
    config: Type.Object({ endpoint: endpoint('localhost:13133') }),
    create: notRun,
  }),
  defineExtension({
    ...common,
    type: 'file_storage',
    config: Type.Object({ directory: Type.String({ default: '/var/lib/otelcol' }) }),
    create: notRun,
    storage: notRun,
  }),
  defineExtension({
    ...common,
    type: 'basicauth',
    config: Type.Object({
      client_auth: Type.Optional(Type.Object({ username: Type.String(), password: Type.Secret({ minLength: 4 }) })),
    }),
    create: notRun,
  }),
] as readonly Definition[];

/** A registry of definitions that are passed in. `plugins` are what `load` knows. */
export class FakeRegistry implements Registry {
  readonly loaded: string[] = [];
  readonly #definitions: Definition[];
  readonly #plugins: Readonly<Record<string, readonly Definition[]>>;
  readonly #origins = new Map<Definition, string>();

  constructor(plugins: Readonly<Record<string, readonly Definition[]>> = {}, definitions = DEFINITIONS) {
    this.#definitions = [...definitions];
    this.#plugins = plugins;
  }

  async find<K extends Kind>(kind: K, type: string): Promise<RegistryEntry<K> | undefined> {
    if (type === 'broken') throw new Error('the module has a syntax error');
    const found = this.#definitions.find((definition) => definition.kind === kind && names(definition).includes(type));
    if (found === undefined) return undefined;
    const plugin = this.#origins.get(found);
    const module = `${plugin ?? 'builtin'}:${kind}/${type}`;
    return { definition: found as Definition<K>, module, ...(plugin === undefined ? {} : { plugin }) };
  }

  types(kind: Kind): readonly string[] {
    return this.#definitions.filter((definition) => definition.kind === kind).flatMap(names);
  }

  async load(specifier: string, baseDir: string): Promise<void> {
    this.loaded.push(`${specifier} in ${baseDir}`);
    const found = this.#plugins[specifier];
    if (found === undefined) throw new Error('there is no such module');
    this.#definitions.push(...found);
    for (const definition of found) this.#origins.set(definition, specifier);
  }
}

function names(definition: Definition): string[] {
  return [definition.type, ...(definition.aliases ?? [])];
}
