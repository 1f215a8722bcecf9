import type { LoadSignal } from './load-requests.ts';

/** OTLP/HTTP's paths (OTLP specification, "OTLP/HTTP Request"). */
export const HTTP_PATHS: Readonly<Record<LoadSignal, string>> = {
  logs: '/v1/logs',
  traces: '/v1/traces',
  metrics: '/v1/metrics',
};

/** OTLP/gRPC's methods. */
export const GRPC_METHODS: Readonly<Record<LoadSignal, string>> = {
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
};
