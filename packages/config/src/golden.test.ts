import { expect, test } from 'vitest';
import { configErrorsOf } from './testing/load-text.ts';

const TEN_MISTAKES = `receivers:
  otlp:
    protocols:
      grcp:
        endpoint: 0.0.0.0:4317
processors:
  batch:
    timeout: 10 sec
    send_batch_size: -1
  memory_limitter:
exporters:
  otlphttp:
    endpoint: example.com:4318
    headers: { authorization: Bearer of-secrets, "x y": 1 }
    compression: gzp
service:
  extensions: [healthcheck]
  pipelines:
    logs:
      receivers: [otlp, batch]
      processors: [batch, batch]
      exporters: [otlphttp]
    trace:
      receivers: [otlp]
      exporters: [otlphttp]
  telemtry: {}
`;

test('ten mistakes in one file are ten errors, each at its place', async () => {
  const errors = await configErrorsOf(TEN_MISTAKES);
  expect(errors?.errors.map(({ code, location }) => `${location} ${code}`)).toEqual([
    'c.yaml:4:7 UNKNOWN_KEY',
    'c.yaml:8:14 WRONG_TYPE',
    'c.yaml:9:22 OUT_OF_RANGE',
    'c.yaml:10:3 UNKNOWN_TYPE',
    'c.yaml:13:15 PATTERN',
    'c.yaml:15:18 NOT_ALLOWED',
    'c.yaml:17:16 UNDEFINED_COMPONENT',
    'c.yaml:20:25 WRONG_KIND',
    'c.yaml:21:27 DUPLICATE_REFERENCE',
    'c.yaml:23:5 UNKNOWN_SIGNAL',
    'c.yaml:26:3 UNKNOWN_KEY',
  ]);
  expect(errors?.format({ excerpts: true })).toMatchInlineSnapshot(`
    "c.yaml:4:7  receivers.otlp.protocols.grcp  the key "grcp" is not known  did you mean "grpc"?
        4 |       grcp:
          |       ^
    c.yaml:8:14  processors.batch.timeout  must be a duration, got the text "10 sec"  write it as 300ms, 1.5s or 1h30m
        8 |     timeout: 10 sec
          |              ^
    c.yaml:9:22  processors.batch.send_batch_size  must be at least 0, got -1  write 0 or more
        9 |     send_batch_size: -1
          |                      ^
    c.yaml:10:3  processors.memory_limitter  there is no processor of the type "memory_limitter"  did you mean "memory_limiter"?
       10 |   memory_limitter:
          |   ^
    c.yaml:13:15  exporters.otlphttp.endpoint  does not have the right form, got "example.com:4318"  for example "https://example.com:4318"
       13 |     endpoint: example.com:4318
          |               ^
    c.yaml:15:18  exporters.otlphttp.compression  must be one of gzip, zstd, none, got "gzp"  did you mean "gzip"?
       15 |     compression: gzp
          |                  ^
    c.yaml:17:16  service.extensions[0]  the extension "healthcheck" is not defined  define it in "extensions", or remove it here
       17 |   extensions: [healthcheck]
          |                ^
    c.yaml:20:25  service.pipelines.logs.receivers[1]  "batch" is defined as a processor, not as a receiver  name it in the processors of the pipeline, or define a receiver "batch"
       20 |       receivers: [otlp, batch]
          |                         ^
    c.yaml:21:27  service.pipelines.logs.processors[1]  "batch" is named more than once  define a second one, such as "batch/second"
       21 |       processors: [batch, batch]
          |                           ^
    c.yaml:23:5  service.pipelines.trace  the pipeline "trace" is for the unknown signal "trace"  did you mean "traces"?
       23 |     trace:
          |     ^
    c.yaml:26:3  service.telemtry  the key "telemtry" is not known  did you mean "telemetry"?
       26 |   telemtry: {}
          |   ^"
  `);
});
