export { collectorOf, type CollectorOfOptions, TestCollector } from './collector-of.ts';
export { FakeBatch } from './fake-batch.ts';
export { FakeBody } from './fake-body.ts';
export { FakeConnectorHost, type Produced } from './fake-connector-host.ts';
export { FakeExporterHost } from './fake-exporter-host.ts';
export { FakeCollectorView, FakeExtensionHost } from './fake-extension-host.ts';
export { FakeHost, type FakeHostSettings } from './fake-host.ts';
export { type ConsumedPayload, FakeReceiverHost } from './fake-receiver-host.ts';
export { FakeState } from './fake-state.ts';
export { FakeStatefulHost, type Passed } from './fake-stateful-host.ts';
export { FakeStepTools } from './fake-step-tools.ts';
export { Ledger } from './ledger.ts';
export { ManualClock } from './manual-clock.ts';
export { type LogLevel, type LogLine, RecordingLogger, silentLogger } from './recording-logger.ts';
export { RecordingTelemetry } from './recording-telemetry.ts';
export { type Sample, samplesOf } from './samples.ts';
export * from './scripted-sink.ts';
export { SeededRandom } from './seeded-random.ts';
export { idsIn, taggedRequest, timeOfId, UNTAGGED } from './tagged-items.ts';
export { TestExporter } from './test-exporter.ts';
export { TestReceiver } from './test-receiver.ts';
export { TestRegistry } from './test-registry.ts';
export { checkConformance } from './conformance/check-conformance.ts';
export { describeConformance } from './conformance/describe-conformance.ts';
export type {
  Answer,
  ConformanceOptions,
  Destination,
  ExporterEnvironment,
  ReceiverEnvironment,
  Sender,
  SourceEnvironment,
} from './conformance/options.ts';
export { describeVerdict, type Rule, type Verdict, type Violation } from './conformance/rule.ts';
