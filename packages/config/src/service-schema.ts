import { deadLetter, Type, type Schema, type Static } from '@millrace/api';

const ignored = (description: string) =>
  Type.Optional(Type.Any({ description: `${description} Accepted, without effect.` }));

const prometheus = Type.Object({
  host: Type.String({ default: 'localhost', description: 'Address to listen on.' }),
  port: Type.Integer({ default: 8888, minimum: 0, maximum: 65535, description: 'Port to listen on.' }),
  without_scope_info: ignored('Leaves out scope labels.'),
  without_units: ignored('Leaves out units in names.'),
  without_type_suffix: ignored('Leaves out type suffixes in names.'),
  with_resource_constant_labels: ignored('Resource attributes as labels.'),
  translation_strategy: ignored('How names are translated.'),
});

const reader = Type.Object({
  pull: Type.Optional(
    Type.Object({
      exporter: Type.Object({
        prometheus: Type.Section(prometheus),
        'prometheus/development': Type.Section(prometheus),
      }),
      producers: ignored('Further sources of metrics.'),
      cardinality_limits: ignored('Limits of attribute sets.'),
    }),
  ),
  periodic: ignored('Pushes metrics.'),
});

const telemetry = Type.Object(
  {
    metrics: Type.Object(
      {
        level: Type.String({
          default: 'normal',
          examples: ['detailed'],
          description: 'none, basic, normal or detailed.',
        }),
        readers: Type.Optional(
          Type.Array(reader, { description: 'How metrics leave; Prometheus on localhost:8888 by default.' }),
        ),
        address: Type.Optional(
          Type.String({ deprecated: true, description: 'use readers with a pull exporter instead' }),
        ),
        views: ignored('Which metrics are kept.'),
      },
      { description: 'Metrics of the collector itself.' },
    ),
    logs: Type.Object(
      {
        level: Type.String({ default: 'info', examples: ['debug'], description: 'debug, info, warn or error.' }),
        encoding: Type.Enum(['json', 'console'], { default: 'json', description: 'Form of log lines.' }),
        initial_fields: Type.Record(Type.Any(), { default: {}, description: 'Fields of every log line.' }),
        development: ignored('Development mode.'),
        disable_caller: ignored('Leaves out code positions.'),
        disable_stacktrace: ignored('Leaves out stack traces.'),
        disable_zap_resource: ignored('Leaves out resource attributes.'),
        sampling: ignored('Thins out repeated lines.'),
        output_paths: ignored('Where logs go.'),
        error_output_paths: ignored('Where errors of the logger go.'),
        processors: ignored('Sends logs elsewhere.'),
      },
      { description: 'Logs of the collector itself.' },
    ),
    traces: Type.Object(
      {
        level: ignored('How much is traced.'),
        propagators: ignored('How context is passed on.'),
        processors: ignored('Where spans go.'),
        sampler: ignored('Which spans are kept.'),
        limits: ignored('Limits of spans.'),
      },
      { description: 'Traces of the collector itself.' },
    ),
    resource: Type.Optional(
      Type.Record(Type.Any(), { description: 'Attributes of the collector itself; null leaves one out.' }),
    ),
  },
  { description: 'What the collector tells about itself.' },
);

const pipeline = Type.Object({
  receivers: Type.Array(Type.ComponentId('receiver'), { default: [], description: 'Where its data comes from.' }),
  processors: Type.Array(Type.ComponentId('processor'), {
    default: [],
    description: 'What happens to it, in this order.',
  }),
  exporters: Type.Array(Type.ComponentId('exporter'), { default: [], description: 'Where it goes.' }),
  priority: Type.Enum(['high', 'normal', 'backlog'], {
    default: 'normal',
    description: 'Which data is worked on first.',
  }),
});

const workers = Type.Object(
  {
    threads: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 256,
        description: 'Size of the pool; 0 works on the main thread. Default: cores - 1.',
      }),
    ),
    heap_mb: Type.Integer({ default: 512, minimum: 16, description: "Bound of each worker's heap, in MiB." }),
    deadline: Type.Duration({ default: '10s', minimumMs: 1, description: 'A task that runs longer is ended.' }),
  },
  { description: 'The pool that decodes, processes and encodes.' },
);

const control = Type.Object(
  {
    enabled: Type.Optional(
      Type.Boolean({
        description:
          'Whether there is one. Default: yes for millrace run, no for a collector inside a program; where it cannot be opened by default, a warning says so.',
      }),
    ),
    path: Type.Optional(
      Type.String({
        examples: ['/run/millrace/control.sock'],
        description:
          "Where it is. Default: <pid>.sock in a directory of the user's, such as $XDG_RUNTIME_DIR/millrace.",
      }),
    ),
  },
  { description: 'The Unix socket by which millrace tap, top and reload reach this collector; for its user alone.' },
);

const byteSize = (notes: { default: string; description: string }): Schema<number> => ({
  type: 'integer',
  'x-type': 'bytes',
  minimum: 1,
  ...notes,
});

/** The `service` section. */
export const serviceSchema = Type.Object(
  {
    extensions: Type.Array(Type.ComponentId('extension'), {
      default: [],
      description: 'Extensions to start, in this order.',
    }),
    pipelines: Type.Record(pipeline, { default: {}, description: 'Pipelines by signal or signal/name.' }),
    telemetry,
    workers,
    control: Type.Optional(control),
    start_timeout: Type.Duration({
      default: '5m',
      minimumMs: 1,
      description: 'Longest time that the start of one component may take.',
    }),
    shutdown_timeout: Type.Duration({ default: '30s', description: 'Longest time that a shutdown may drain.' }),
    dead_letter: deadLetter(
      'Where exporters that name no dead_letter of their own leave what cannot be delivered, and where records go that a worker died over or a processor refused after their sender was answered.',
    ),
    bytes_in_flight_max: byteSize({ default: '256MiB', description: 'Most telemetry held in memory.' }),
  },
  { description: 'What runs, and how.' },
);

export type ServiceConfig = Static<typeof serviceSchema>;
export type TelemetryConfig = ServiceConfig['telemetry'];
