import type { Signal } from './signal.ts';

/** OTLP/HTTP's default paths (https://opentelemetry.io/docs/specs/otlp/#otlphttp-request). */
export const HTTP_PATHS: Readonly<Record<Signal, string>> = {
  logs: '/v1/logs',
  traces: '/v1/traces',
  metrics: '/v1/metrics',
  profiles: '/v1development/profiles',
};

/** OTLP/gRPC's methods (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc). */
export const GRPC_METHODS: Readonly<Record<Signal, string>> = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  profiles: '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export',
};
