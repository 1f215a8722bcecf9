import { describe, expect, test } from 'vitest';
import { AROUND, errorsOf, SERVICE } from './testing/load-text.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  /** All errors that the text gives, as they are printed. */
  readonly errors: readonly string[];
}

const syntax: readonly Case[] = [
  {
    name: 'a tab as indentation',
    text: `receivers:
	demo:
`,
    errors: ['c.yaml:2:1  a tab indents this line  indent with spaces'],
  },
  {
    name: 'an open quote',
    text: `receivers:
  demo: "abc
`,
    errors: ['c.yaml:2:13  a quote is not closed  add the quote at the end of the value'],
  },
  {
    name: 'an open bracket',
    text: `receivers: { demo: 
exporters: [debug
`,
    errors: ['c.yaml:2:1  a "{" above is not closed  add the "}", or indent the lines until there'],
  },
  {
    name: 'a reference without quotes in a flow map',
    text: 'receivers: { demo: { a: ${env:A}, b: ${env:B} } }\n',
    errors: ['c.yaml:1:26  within { } or [ ], a "${...}" must be quoted  write "${...}" with quotes'],
  },
  {
    name: 'bad indentation',
    text: `receivers:
  demo:
 exporters:
`,
    errors: ['c.yaml:3:2  the indentation does not fit what is above  line it up with its neighbours'],
  },
  {
    name: 'a key without a space',
    text: `receivers:
  demo:{}
  otlp:
`,
    errors: ['c.yaml:2:3  a key must stand on one line  is a ":" missing, or a space after it?'],
  },
  {
    name: 'two values',
    text: `receivers: a: b
`,
    errors: [
      'c.yaml:1:12  a map starts in a line that already has a value  quote the value, or indent it in a new line',
    ],
  },
  {
    name: 'an unknown anchor',
    text: `receivers: { demo: *base }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [demo], exporters: [debug] } } }
`,
    errors: ['c.yaml:1:20  the anchor "base" is not defined above  define it: &base'],
  },
  {
    name: 'a duplicate key',
    text: `receivers:
  demo:
  otlp: { protocols: { http: } }
  demo:
exporters: { debug: }
service: { pipelines: { logs: { receivers: [demo, otlp], exporters: [debug] } } }
`,
    errors: ['c.yaml:4:3  the key "demo" is already set in line 2  keep one of them, or merge what is below'],
  },
  {
    name: 'a key that is a map',
    text: `{ a: 1 }: 2
`,
    errors: [
      'c.yaml:1:1  a key must be plain text  write another key',
      'c.yaml:1:1  service  the section "service" is missing  add it, with "pipelines" that connect receivers to exporters',
    ],
  },
  {
    name: '__proto__',
    text: `receivers: { __proto__: { a: 1 } }
`,
    errors: [
      'c.yaml:1:1  service  the section "service" is missing  add it, with "pipelines" that connect receivers to exporters',
      'c.yaml:1:14  the key "__proto__" is not allowed  write another key',
    ],
  },
  {
    name: 'a character that starts no value',
    text: `receivers: @demo
`,
    errors: ['c.yaml:1:12  a value cannot start with this character  quote the value'],
  },
  {
    name: 'an unknown escape',
    text: `receivers: "\\q"
`,
    errors: [
      'c.yaml:1:13  the escape in the double-quoted text is unknown  write \\\\ for a backslash, or use single quotes',
    ],
  },
];

const sections: readonly Case[] = [
  {
    name: 'an unknown section',
    text: `recievers: { demo: }
${AROUND}`,
    errors: ['c.yaml:1:1  recievers  the section "recievers" is not known  did you mean "receivers"?'],
  },
  {
    name: 'a section that is none',
    text: `templates: { a: }
${AROUND}`,
    errors: [
      'c.yaml:1:1  templates  the section "templates" is not known  sections: connectors, exporters, extensions, plugins, processors, receivers, service',
    ],
  },
  {
    name: 'a section that is a list',
    text: `processors: [batch]
${AROUND}`,
    errors: ['c.yaml:1:13  processors  must be a map of ids, got a list  write "type:" or "type/name:" lines below it'],
  },
  {
    name: 'no service',
    text: `receivers: { demo: }
`,
    errors: [
      'c.yaml:1:1  service  the section "service" is missing  add it, with "pipelines" that connect receivers to exporters',
    ],
  },
  {
    name: 'an empty service',
    text: `receivers: { demo: }
service:
`,
    errors: [
      'c.yaml:2:1  service  the section "service" is empty  add it, with "pipelines" that connect receivers to exporters',
    ],
  },
  {
    name: 'a service that is a list',
    text: `receivers: { demo: }
service: []
`,
    errors: ['c.yaml:2:10  service  must be a map, got a list  write "key: value" lines below it'],
  },
  {
    name: 'no pipelines',
    text: `receivers: { demo: }
service: { extensions: [] }
`,
    errors: [
      'c.yaml:2:1  service.pipelines  there are no pipelines  add one, such as logs: { receivers: [otlp], exporters: [otlp] }',
    ],
  },
  {
    name: 'empty pipelines',
    text: `receivers: { demo: }
service:
  pipelines:
`,
    errors: [
      'c.yaml:3:3  service.pipelines  there are no pipelines  add one, such as logs: { receivers: [otlp], exporters: [otlp] }',
    ],
  },
  {
    name: 'pipelines that are a list',
    text: `receivers: { demo: }
service:
  pipelines: [logs]
`,
    errors: ['c.yaml:3:14  service.pipelines  must be a map, got a list  write "key: value" lines below it'],
  },
  {
    name: 'a malformed id',
    text: `processors: { 'batch/': , '/x': , 'b-c': , 'batch/a b': }
${AROUND}`,
    errors: [
      'c.yaml:1:15  processors.batch/  the id "batch/" has nothing after the slash  write type or type/name',
      'c.yaml:1:27  processors./x  the id "/x" has nothing before the slash  write type or type/name',
      'c.yaml:1:35  processors.b-c  the type "b-c" must start with a letter, and hold only letters, digits and _, at most 63  write type or type/name',
      'c.yaml:1:44  processors.batch/a b  the name "a b" must not hold spaces, control characters or symbols  write type or type/name',
    ],
  },
  {
    name: 'an id twice',
    text: `processors: { batch/a: , ' batch / a ': }
${AROUND}`,
    errors: ['c.yaml:1:26  processors. batch / a   "batch/a" is defined twice  give one of them another name'],
  },
  {
    name: 'an unknown type, near',
    text: `processors: { bacth: }
${AROUND}`,
    errors: ['c.yaml:1:15  processors.bacth  there is no processor of the type "bacth"  did you mean "batch"?'],
  },
  {
    name: 'an unknown type, of another kind',
    text: `receivers: { demo: , batch: }
exporters: { debug: }
${SERVICE}`,
    errors: [
      'c.yaml:1:22  receivers.batch  there is no receiver of the type "batch"  "batch" is a processor: move it to "processors"',
    ],
  },
  {
    name: 'an unknown type, nowhere',
    text: `connectors: { spanmetrics: }
${AROUND}`,
    errors: [
      'c.yaml:1:15  connectors.spanmetrics  there is no connector of the type "spanmetrics"  known connectors: count, forward; one from elsewhere needs its plugin in "plugins"',
    ],
  },
  {
    name: 'a type whose plugin fails',
    text: `extensions: { broken/x: }
${AROUND}`,
    errors: [
      'c.yaml:1:15  extensions.broken/x  the plugin of the extension "broken" cannot be loaded: the module has a syntax error  see the cause',
    ],
  },
];

const components: readonly Case[] = [
  {
    name: 'a component that is a list',
    text: `processors: { batch: [] }
${AROUND}`,
    errors: ['c.yaml:1:22  processors.batch  must be a map, got a list  write "key: value" lines below it'],
  },
  {
    name: 'a component that is a text',
    text: `processors: { batch: now }
${AROUND}`,
    errors: ['c.yaml:1:22  processors.batch  must be a map, got the text "now"  write "key: value" lines below it'],
  },
  {
    name: 'an unknown key, near',
    text: `processors: { batch: { time_out: 1s } }
${AROUND}`,
    errors: ['c.yaml:1:24  processors.batch.time_out  the key "time_out" is not known  did you mean "timeout"?'],
  },
  {
    name: 'an unknown key, nowhere',
    text: `processors: { batch: { xyz: 1s } }
${AROUND}`,
    errors: [
      'c.yaml:1:24  processors.batch.xyz  the key "xyz" is not known  known keys: metadata_keys, send_batch_max_size, send_batch_size, timeout',
    ],
  },
  {
    name: 'an unknown key that was the required one',
    text: `receivers:
  demo:
  filelog: { inclde: [a] }
exporters: { debug: }
${SERVICE}`,
    errors: ['c.yaml:3:14  receivers.filelog.inclde  the key "inclde" is not known  did you mean "include"?'],
  },
  {
    name: 'a missing key',
    text: `receivers:
  demo:
  filelog:
exporters: { debug: }
${SERVICE}`,
    errors: ['c.yaml:3:3  receivers.filelog.include  "include" is missing  add it; it has no default'],
  },
  {
    name: 'a missing key of a list item',
    text: `processors:
  attributes:
    actions:
      - key: a
      - { key: b, action: delete }
${AROUND}`,
    errors: ['c.yaml:4:9  processors.attributes.actions[0].action  "action" is missing  add it; it has no default'],
  },
  {
    name: 'a missing value of a required key',
    text: `receivers:
  demo:
  filelog:
    include:
exporters: { debug: }
${SERVICE}`,
    errors: ['c.yaml:4:5  receivers.filelog.include  "include" is missing  add it; it has no default'],
  },
  {
    name: 'a text where a map must be',
    text: `receivers:
  demo:
  otlp: { protocols: grpc }
exporters: { debug: }
${SERVICE}`,
    errors: [
      'c.yaml:3:22  receivers.otlp.protocols  must be a map, got the text "grpc"  write "key: value" lines below it',
    ],
  },
  {
    name: 'a map where a list must be',
    text: `processors: { attributes: { actions: { key: a } } }
${AROUND}`,
    errors: [
      'c.yaml:1:38  processors.attributes.actions  must be a list, got a map  write [a, b], or "- " lines below it',
    ],
  },
  {
    name: 'a list where a text must be',
    text: `extensions: { health_check: { endpoint: [a] } }
${AROUND}`,
    errors: ['c.yaml:1:41  extensions.health_check.endpoint  must be text, got a list  write the text after the colon'],
  },
  {
    name: 'a map where a number must be',
    text: `processors: { batch: { send_batch_size: { a: 1 } } }
${AROUND}`,
    errors: ['c.yaml:1:41  processors.batch.send_batch_size  must be a whole number, got a map  write digits only'],
  },
  {
    name: 'a text where a number must be',
    text: `processors: { batch: { send_batch_size: many } }
${AROUND}`,
    errors: [
      'c.yaml:1:41  processors.batch.send_batch_size  must be a whole number, got the text "many"  write digits only',
    ],
  },
  {
    name: 'a quoted number',
    text: `processors: { batch: { send_batch_size: '10' } }
${AROUND}`,
    errors: [
      'c.yaml:1:41  processors.batch.send_batch_size  must be a whole number, got the text "10"  write it without quotes',
    ],
  },
  {
    name: 'a fraction',
    text: `processors: { batch: { send_batch_size: 1.5 } }
${AROUND}`,
    errors: [
      'c.yaml:1:41  processors.batch.send_batch_size  must be a whole number, got the number 1.5  leave the fraction out',
    ],
  },
  {
    name: 'a number that is too large',
    text: `processors: { batch: { send_batch_size: 9007199254740993 } }
${AROUND}`,
    errors: [
      'c.yaml:1:41  processors.batch.send_batch_size  must be a whole number below 2^53, got the number 9007199254740993  write a smaller number',
    ],
  },
  {
    name: 'a number where a boolean must be',
    text: `exporters: { file: { path: p, keys: [1] }, debug: { use_internal_logger: 1 } }
receivers: { demo: }
${SERVICE}`,
    errors: [
      'c.yaml:1:74  exporters.debug.use_internal_logger  must be true or false, got the number 1  write true, without quotes',
    ],
  },
  {
    name: 'a YAML 1.1 boolean',
    text: `exporters: { debug: { use_internal_logger: no } }
receivers: { demo: }
${SERVICE}`,
    errors: [
      'c.yaml:1:44  exporters.debug.use_internal_logger  must be true or false, got the text "no"  write false, without quotes',
    ],
  },
  {
    name: 'a duration in quotes without a unit',
    text: `processors: { batch: { timeout: '5' } }
${AROUND}`,
    errors: ['c.yaml:1:33  processors.batch.timeout  the duration 5 has no unit  write 5s, or 5ms, 5m, 5h'],
  },
  {
    name: 'a malformed duration',
    text: `processors: { batch: { timeout: 5 seconds } }
${AROUND}`,
    errors: [
      'c.yaml:1:33  processors.batch.timeout  must be a duration, got the text "5 seconds"  write it as 300ms, 1.5s or 1h30m',
    ],
  },
  {
    name: 'a negative duration',
    text: `processors: { batch: { timeout: -1s } }
${AROUND}`,
    errors: ['c.yaml:1:33  processors.batch.timeout  the duration -1s is negative  write 0 or more'],
  },
  {
    name: 'a duration that is too short',
    text: `receivers: { demo: , filelog: { include: [a], poll_interval: 10us } }
exporters: { debug: }
${SERVICE}`,
    errors: ['c.yaml:1:62  receivers.filelog.poll_interval  must be at least 1ms, got 10us  write 1ms or more'],
  },
  {
    name: 'malformed bytes',
    text: `receivers: { demo: , filelog: { include: [a], max_log_size: 1 mile } }
exporters: { debug: }
${SERVICE}`,
    errors: [
      'c.yaml:1:61  receivers.filelog.max_log_size  must be a number of bytes, got the text "1 mile"  write it as 4096, 512KiB or 64MiB',
    ],
  },
  {
    name: 'too few bytes',
    text: `receivers: { demo: , filelog: { include: [a], max_log_size: 0 } }
exporters: { debug: }
${SERVICE}`,
    errors: ['c.yaml:1:61  receivers.filelog.max_log_size  must be at least 1, got 0  write 1 or more'],
  },
  {
    name: 'a number below its minimum',
    text: `processors: { batch: { send_batch_size: -1 } }
${AROUND}`,
    errors: ['c.yaml:1:41  processors.batch.send_batch_size  must be at least 0, got -1  write 0 or more'],
  },
  {
    name: 'a number above its maximum',
    text: `processors: { memory_limiter: { check_interval: 1s, limit_percentage: 101 } }
${AROUND}`,
    errors: [
      'c.yaml:1:71  processors.memory_limiter.limit_percentage  must be at most 100, got 101  write 100 or less',
    ],
  },
  {
    name: 'a word that is none of the known ones',
    text: `exporters: { debug: { verbosity: detail } }
receivers: { demo: }
${SERVICE}`,
    errors: [
      'c.yaml:1:34  exporters.debug.verbosity  must be one of basic, normal, detailed, got "detail"  did you mean "detailed"?',
    ],
  },
  {
    name: 'a wrong pattern',
    text: `exporters: { debug: , otlphttp: { endpoint: example.com } }
receivers: { demo: }
${SERVICE}`,
    errors: [
      'c.yaml:1:45  exporters.otlphttp.endpoint  does not have the right form, got "example.com"  for example "https://example.com:4318"',
    ],
  },
  {
    name: 'an empty text',
    text: `extensions: { health_check: { endpoint: '' } }
${AROUND}`,
    errors: ['c.yaml:1:41  extensions.health_check.endpoint  must not be empty  write a value'],
  },
  {
    name: 'an empty list',
    text: `receivers: { demo: , filelog: { include: [] } }
exporters: { debug: }
${SERVICE}`,
    errors: ['c.yaml:1:42  receivers.filelog.include  must not be empty  add an entry'],
  },
  {
    name: 'the same entry twice',
    text: `processors: { batch: { metadata_keys: [a, b, a] } }
${AROUND}`,
    errors: ['c.yaml:1:39  processors.batch.metadata_keys  the entries 0 and 2 are the same  remove one of them'],
  },
  {
    name: 'none of several shapes',
    text: `exporters: { debug: , file: { path: p, flush: maybe } }
receivers: { demo: }
${SERVICE}`,
    errors: [
      'c.yaml:1:47  exporters.file.flush  must be true or false or a duration, got the text "maybe"  write one of these',
    ],
  },
  {
    name: 'a constraint of one of several shapes',
    text: `exporters: { debug: , file: { path: p, flush: 1ms } }
receivers: { demo: }
${SERVICE}`,
    errors: [
      'c.yaml:1:47  exporters.file.flush  must be true or false or a duration, got the text "1ms"  write one of these',
    ],
  },
  {
    name: 'a list among several shapes',
    text: `exporters: { debug: , file: { path: p, keys: [[a]] } }
receivers: { demo: }
${SERVICE}`,
    errors: ['c.yaml:1:47  exporters.file.keys[0]  must be text, got a list  write the text after the colon'],
  },
  {
    name: 'what the component finds',
    text: `processors:
  batch:
    send_batch_size: 10
    send_batch_max_size: 5
${AROUND}`,
    errors: ['c.yaml:4:26  processors.batch.send_batch_max_size  is 5, less than send_batch_size (10)  raise it'],
  },
  {
    name: 'what the component finds about what is absent',
    text: `receivers:
  demo:
  otlp:
exporters: { debug: }
${SERVICE}`,
    errors: ['c.yaml:3:3  receivers.otlp.protocols  no protocol is enabled  add grpc: or http:'],
  },
  {
    name: 'a short secret',
    text: `extensions: { basicauth: { client_auth: { username: me, password: abc } } }
${AROUND}`,
    errors: [
      'c.yaml:1:67  extensions.basicauth.client_auth.password  must have at least 4 characters  write a value of the right length',
    ],
  },
  {
    name: 'a secret that is a list',
    text: `extensions: { basicauth: { client_auth: { username: me, password: [hunter2] } } }
${AROUND}`,
    errors: [
      'c.yaml:1:67  extensions.basicauth.client_auth.password  must be text, got a list  write the text after the colon',
    ],
  },
];

const pipelines: readonly Case[] = [
  {
    name: 'an unknown signal',
    text: `receivers: { demo: }
exporters: { debug: }
service: { pipelines: { log: { receivers: [demo], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:3:25  service.pipelines.log  the pipeline "log" is for the unknown signal "log"  did you mean "logs"?',
    ],
  },
  {
    name: 'a malformed pipeline id',
    text: `receivers: { demo: }
exporters: { debug: }
service: { pipelines: { logs/: { receivers: [demo], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:3:25  service.pipelines.logs/  the id "logs/" has nothing after the slash  write signal or signal/name',
    ],
  },
  {
    name: 'a pipeline twice',
    text: `receivers: { demo: }
exporters: { debug: }
service:
  pipelines:
    logs/a: { receivers: [demo], exporters: [debug] }
    'logs / a': { receivers: [demo], exporters: [debug] }
`,
    errors: [
      'c.yaml:6:5  service.pipelines.logs / a  the pipeline "logs/a" is defined twice  give one of them another name',
    ],
  },
  {
    name: 'an empty pipeline',
    text: `receivers: { demo: }
exporters: { debug: }
service:
  pipelines:
    logs:
    traces: { receivers: , exporters: [] }
`,
    errors: [
      'c.yaml:5:5  service.pipelines.logs.receivers  the pipeline "logs" has no receivers  name at least one: receivers: [otlp]',
      'c.yaml:5:5  service.pipelines.logs.exporters  the pipeline "logs" has no exporters  name at least one: exporters: [otlp]',
      'c.yaml:6:5  service.pipelines.traces.receivers  the pipeline "traces" has no receivers  name at least one: receivers: [otlp]',
      'c.yaml:6:5  service.pipelines.traces.exporters  the pipeline "traces" has no exporters  name at least one: exporters: [otlp]',
    ],
  },
  {
    name: 'an unknown key of a pipeline',
    text: `receivers: { demo: }
exporters: { debug: }
service: { pipelines: { logs: { receiver: [demo], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:3:33  service.pipelines.logs.receiver  the key "receiver" is not known  did you mean "receivers"?',
    ],
  },
  {
    name: 'an unknown priority',
    text: `receivers: { demo: }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [demo], exporters: [debug], priority: urgent } } }
`,
    errors: [
      'c.yaml:3:82  service.pipelines.logs.priority  must be one of high, normal, backlog, got "urgent"  write one of these',
    ],
  },
  {
    name: 'an undefined receiver, near',
    text: `receivers: { demo: }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [dmeo], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:3:45  service.pipelines.logs.receivers[0]  the receiver "dmeo" is not defined  did you mean "demo"?',
    ],
  },
  {
    name: 'undefined components, nowhere',
    text: `receivers: { demo: }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [kafka], processors: [filter/x], exporters: [loki] } } }
`,
    errors: [
      'c.yaml:3:45  service.pipelines.logs.receivers[0]  the receiver "kafka" is not defined  define it in "receivers", or remove it here',
      'c.yaml:3:66  service.pipelines.logs.processors[0]  the processor "filter/x" is not defined  define it in "processors", or remove it here',
      'c.yaml:3:89  service.pipelines.logs.exporters[0]  the exporter "loki" is not defined  define it in "exporters", or remove it here',
    ],
  },
  {
    name: 'components of another kind',
    text: `receivers: { demo: }
processors: { batch: }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [demo, debug], processors: [debug], exporters: [debug, batch] } } }
`,
    errors: [
      'c.yaml:4:51  service.pipelines.logs.receivers[1]  "debug" is defined as an exporter, not as a receiver  name it in the exporters of the pipeline, or define a receiver "debug"',
      'c.yaml:4:72  service.pipelines.logs.processors[0]  "debug" is defined as an exporter, not as a processor  name it in the exporters of the pipeline, or define a processor "debug"',
      'c.yaml:4:99  service.pipelines.logs.exporters[1]  "batch" is defined as a processor, not as an exporter  name it in the processors of the pipeline, or define an exporter "batch"',
    ],
  },
  {
    name: 'a reference that is no id',
    text: `receivers: { demo: }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [demo, ''], exporters: [{ a: 1 }] } } }
`,
    errors: [
      'c.yaml:3:51  service.pipelines.logs.receivers[1]  an id must not be empty  write type or type/name',
      'c.yaml:3:68  service.pipelines.logs.exporters[0]  must be the id of a component, got a map  write type or type/name',
    ],
  },
  {
    name: 'a processor twice',
    text: `receivers: { demo: }
processors: { batch/x: }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [demo], processors: [batch/x, batch/x], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:4:74  service.pipelines.logs.processors[1]  "batch/x" is named more than once  define a second one, such as "batch/second"',
    ],
  },
  {
    name: 'signals that components do not handle',
    text: `receivers: { filelog: { include: [a] } }
processors: { tail_sampling: , memory_limiter: { check_interval: 1s } }
exporters: { file: { path: p } }
service:
  pipelines:
    profiles: { receivers: [filelog], processors: [tail_sampling, memory_limiter], exporters: [file] }
`,
    errors: [
      'c.yaml:6:29  service.pipelines.profiles.receivers[0]  the receiver "filelog" does not handle profiles  it handles logs: move it to such a pipeline',
      'c.yaml:6:52  service.pipelines.profiles.processors[0]  the processor "tail_sampling" does not handle profiles  it handles traces: move it to such a pipeline',
      'c.yaml:6:67  service.pipelines.profiles.processors[1]  the processor "memory_limiter" does not handle profiles  it handles logs, traces, metrics: move it to such a pipeline',
      'c.yaml:6:96  service.pipelines.profiles.exporters[0]  the exporter "file" does not handle profiles  it handles logs: move it to such a pipeline',
    ],
  },
  {
    name: 'an undefined extension',
    text: `extensions: { health_check: }
receivers: { demo: }
exporters: { debug: }
service: { extensions: [health_chek], pipelines: { logs: { receivers: [demo], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:4:25  service.extensions[0]  the extension "health_chek" is not defined  did you mean "health_check"?',
    ],
  },
  {
    name: 'a storage that is none',
    text: `extensions: { health_check: , file_storage: }
receivers: { demo: }
exporters: { otlp_http: { endpoint: https://e, sending_queue: { storage: health_check } }, otlp_http/2: { endpoint: https://e, sending_queue: { storage: file_storag } } }
service: { extensions: [health_check, file_storage], pipelines: { logs: { receivers: [demo], exporters: [otlp_http, otlp_http/2] } } }
`,
    errors: [
      'c.yaml:3:74  exporters.otlp_http.sending_queue.storage  the extension "health_check" is not a storage  name a storage, such as file_storage',
      'c.yaml:3:154  exporters.otlp_http/2.sending_queue.storage  the extension "file_storag" is not defined  did you mean "file_storage"?',
    ],
  },
  {
    name: 'an extension that is used and not started',
    text: `extensions: { file_storage: }
receivers: { filelog: { include: [a], storage: file_storage } }
exporters: { debug: }
service: { pipelines: { logs: { receivers: [filelog], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:2:48  receivers.filelog.storage  the extension "file_storage" is defined, but not started  add it to service.extensions',
    ],
  },
  {
    name: 'a setting that names an undefined component',
    text: `receivers: { demo: }
exporters: { file: { path: p, dead_letter: fiel/2 }, file/2: { path: q } }
service: { pipelines: { logs: { receivers: [demo], exporters: [file, file/2] } } }
`,
    errors: ['c.yaml:2:44  exporters.file.dead_letter  the exporter "fiel/2" is not defined  did you mean "file/2"?'],
  },
  {
    name: 'a connector that is also an exporter',
    text: `receivers: { demo: }
exporters: { debug: , forward: }
connectors: { forward: }
service: { pipelines: { logs: { receivers: [demo], exporters: [debug] } } }
`,
    errors: [
      'c.yaml:2:23  exporters.forward  there is no exporter of the type "forward"  "forward" is a connector: move it to "connectors"',
      'c.yaml:3:15  connectors.forward  "forward" is both a connector and an exporter  rename the connector, for example to "forward/connector"',
    ],
  },
  {
    name: 'a connector without its other end',
    text: `receivers: { demo: }
exporters: { debug: }
connectors: { forward: , forward/2: }
service:
  pipelines:
    logs: { receivers: [demo], exporters: [forward] }
    traces: { receivers: [forward/2], exporters: [debug] }
`,
    errors: [
      'c.yaml:6:44  service.pipelines.logs.exporters[0]  the connector "forward" is only the exporter here: no pipeline has it in its receivers  add it to the receivers of a pipeline for logs',
      'c.yaml:7:27  service.pipelines.traces.receivers[0]  the connector "forward/2" is only the receiver here: no pipeline has it in its exporters  add it to the exporters of a pipeline for traces',
    ],
  },
  {
    name: 'a connector between signals that it does not connect',
    text: `receivers: { demo: }
exporters: { debug: }
connectors: { forward: , count: }
service:
  pipelines:
    logs: { receivers: [demo], exporters: [forward, count] }
    traces: { receivers: [forward, count], exporters: [debug] }
`,
    errors: [
      'c.yaml:6:44  service.pipelines.logs.exporters[0]  the connector "forward" is only the exporter here: no pipeline for logs has it in its receivers  add it to the receivers of a pipeline for logs',
      'c.yaml:6:53  service.pipelines.logs.exporters[1]  the connector "count" is only the exporter here: no pipeline for metrics has it in its receivers  add it to the receivers of a pipeline for metrics',
      'c.yaml:7:27  service.pipelines.traces.receivers[0]  the connector "forward" is only the receiver here: no pipeline for traces has it in its exporters  add it to the exporters of a pipeline for traces',
      'c.yaml:7:36  service.pipelines.traces.receivers[1]  the connector "count" cannot make traces  it goes from logs to metrics, traces to metrics, metrics to metrics',
    ],
  },
  {
    name: 'a circle of one pipeline',
    text: `receivers: { demo: }
exporters: { debug: }
connectors: { forward: }
service:
  pipelines:
    logs: { receivers: [demo, forward], exporters: [debug, forward] }
`,
    errors: [
      'c.yaml:6:60  service.pipelines.logs.exporters[1]  data goes in a circle: logs -> forward -> logs  take the connector out of one of these pipelines',
    ],
  },
  {
    name: 'a circle of three pipelines',
    text: `receivers: { demo: }
exporters: { debug: }
connectors: { forward/1: , forward/2: , forward/3: }
service:
  pipelines:
    logs: { receivers: [demo, forward/3], exporters: [forward/1] }
    logs/b: { receivers: [forward/1], exporters: [forward/2] }
    logs/c: { receivers: [forward/2], exporters: [debug, forward/3] }
`,
    errors: [
      'c.yaml:8:58  service.pipelines.logs/c.exporters[1]  data goes in a circle: logs -> forward/1 -> logs/b -> forward/2 -> logs/c -> forward/3 -> logs  take the connector out of one of these pipelines',
    ],
  },
];

const service: readonly Case[] = [
  {
    name: 'an unknown key of the service',
    text: `receivers: { demo: }
exporters: { debug: }
service: { telemetri: {}, pipelines: { logs: { receivers: [demo], exporters: [debug] } } }
`,
    errors: ['c.yaml:3:12  service.telemetri  the key "telemetri" is not known  did you mean "telemetry"?'],
  },
  {
    name: 'bad settings of workers',
    text: `receivers: { demo: }
exporters: { debug: }
service:
  workers: { threads: -1, heap_mb: 1, deadline: 0s, x: 1 }
  shutdown_timeout: soon
  bytes_in_flight_max: 0
  pipelines: { logs: { receivers: [demo], exporters: [debug] } }
`,
    errors: [
      'c.yaml:4:23  service.workers.threads  must be at least 0, got -1  write 0 or more',
      'c.yaml:4:36  service.workers.heap_mb  must be at least 16, got 1  write 16 or more',
      'c.yaml:4:49  service.workers.deadline  must be at least 1ms, got 0s  write 1ms or more',
      'c.yaml:4:53  service.workers.x  the key "x" is not known  known keys: deadline, heap_mb, threads',
      'c.yaml:5:21  service.shutdown_timeout  must be a duration, got the text "soon"  write it as 300ms, 1.5s or 1h30m',
      'c.yaml:6:24  service.bytes_in_flight_max  must be at least 1, got 0  write 1 or more',
    ],
  },
  {
    name: 'bad settings of telemetry',
    text: `receivers: { demo: }
exporters: { debug: }
service:
  telemetry:
    metrics: { level: detail, address: localhost }
    logs: { level: inof, encoding: xml }
    trace: {}
  pipelines: { logs: { receivers: [demo], exporters: [debug] } }
`,
    errors: [
      'c.yaml:5:23  service.telemetry.metrics.level  the level "detail" is not known  did you mean "detailed"?',
      'c.yaml:5:40  service.telemetry.metrics.address  "localhost" is not an address  write host:port',
      'c.yaml:6:36  service.telemetry.logs.encoding  must be one of json, console, got "xml"  write one of these',
      'c.yaml:7:5  service.telemetry.trace  the key "trace" is not known  did you mean "traces"?',
    ],
  },
  {
    name: 'an unknown level of logs',
    text: `receivers: { demo: }
exporters: { debug: }
service:
  telemetry:
    metrics: { address: localhost }
    logs: { level: inof }
  pipelines: { logs: { receivers: [demo], exporters: [debug] } }
`,
    errors: [
      'c.yaml:5:25  service.telemetry.metrics.address  "localhost" is not an address  write host:port',
      'c.yaml:6:20  service.telemetry.logs.level  the level "inof" is not known  did you mean "info"?',
    ],
  },
  {
    name: 'readers that are none',
    text: `receivers: { demo: }
exporters: { debug: }
service:
  telemetry:
    metrics: { readers: [] }
  pipelines: { logs: { receivers: [demo], exporters: [debug] } }
`,
    errors: [
      'c.yaml:5:25  service.telemetry.metrics.readers  there are no readers, although the level is not none  add one, or set metrics.level to none',
    ],
  },
];

describe.each([
  ['syntax', syntax],
  ['sections', sections],
  ['components', components],
  ['pipelines', pipelines],
  ['service', service],
] as const)('faults of %s', (_, cases) => {
  test.each(cases)('$name', async ({ text, errors }) => {
    expect(await errorsOf(text)).toEqual(errors);
  });
});
