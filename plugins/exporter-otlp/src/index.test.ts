import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall, status } from '@grpc/grpc-js';
import type { Signal } from '@millrace/api';
import { describeConformance, type Destination } from '@millrace/testkit';

const SERVICES: Readonly<Record<Signal, string>> = {
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  profiles: 'opentelemetry.proto.collector.profiles.v1development.ProfilesService',
};
const CODES = { retryable: status.UNAVAILABLE, permanent: status.INVALID_ARGUMENT } as const;

/** A gRPC server of another make that keeps the messages which it accepts. */
async function destination(): Promise<Destination> {
  const arrived: { readonly signal: Signal; readonly bytes: Uint8Array }[] = [];
  const acts: ('accept' | keyof typeof CODES)[] = [];
  const server = new Server();
  const bytes = (value: Buffer) => value;
  for (const [signal, service] of Object.entries(SERVICES) as [Signal, string][]) {
    const path = `/${service}/Export`;
    const codec = {
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    };
    const Export = (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      const act = acts.shift() ?? 'accept';
      if (act !== 'accept') {
        answer({ code: CODES[act], details: act });
        return;
      }
      arrived.push({ signal, bytes: Uint8Array.from(call.request) });
      answer(null, Buffer.alloc(0));
    };
    server.addService({ Export: { path, requestStream: false, responseStream: false, ...codec } }, { Export });
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const plain = 'sending_queue: { enabled: false }, retry_on_failure: { enabled: false }';
  return {
    config: `otlp: { endpoint: "127.0.0.1:${port}", tls: { insecure: true }, ${plain} }`,
    read: () => Promise.resolve(arrived),
    respond: (next) => void acts.push(...next),
    close: () => new Promise((resolve) => server.tryShutdown(() => resolve())),
  };
}

describeConformance(new URL('./index.ts', import.meta.url), { exporter: { open: destination } });
