import { protoToJson, type LogsBatch } from '@millrace/otlp';
import { compileStatements, compileValue } from '../compile-statements.ts';
import type { FunctionRegistry, OttlFunction } from '../function/define-function.ts';
import type { Example, Telemetry } from '../function/example.ts';
import { readAttributes, readField } from '../value/attribute-values.ts';
import type { Value } from '../value/value.ts';
import { contextOf, forEach, makeTelemetry, signalOf } from './telemetry.ts';

export interface ExampleWorld {
  readonly functions: FunctionRegistry;
}

/** What came of an example, in the form of `expectedOf`. */
export function runExample(called: OttlFunction, example: Example, world: ExampleWorld): unknown {
  const context = contextOf(example);
  const options = {
    ...world,
    context,
    now: () => 1_700_000_000_000_000_000n,
    randomBytes: (count: number) => new Uint8Array(count).fill(7),
  };
  const batch = makeTelemetry(example.given ?? {}, context);
  try {
    if (called.kind === 'converter') {
      const value = compileValue({ ...options, value: example.code });
      let result: Value | undefined;
      forEach(batch, context, (view, parent, index) => void (result ??= value.get(view, parent, index)));
      return { result };
    }
    const program = compileStatements({ ...options, statements: [example.code] });
    forEach(batch, context, (view, parent, index) => program.run(view, parent, index));
  } catch (error) {
    const { name, message } = error as Error;
    const part = name === 'OttlErrors' ? example.invalid : example.fails;
    const shown = part !== undefined && message.includes(part) ? part : message;
    return name === 'OttlErrors' ? { invalid: shown } : { fails: shown };
  }
  if (example.after?.otlp !== undefined)
    return { otlp: JSON.parse(Buffer.from(protoToJson(signalOf(context), batch.chunks)).toString()) as unknown };
  return { after: shownOf(batch as LogsBatch, example.after ?? {}) };
}

/** What an example says should come of it. */
export function expectedOf(called: OttlFunction, example: Example): unknown {
  if (example.invalid !== undefined) return { invalid: example.invalid };
  if (example.fails !== undefined) return { fails: example.fails };
  if (called.kind === 'converter') return { result: example.result };
  const { after = {} } = example;
  if (after.otlp !== undefined) return { otlp: after.otlp };
  return { after: Object.fromEntries(Object.entries(after).map(([name, value]) => [name, mapOf(value)])) };
}

function mapOf(value: Value | Readonly<Record<string, Value>> | object | undefined): unknown {
  const isObject = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isObject ? new Map(Object.entries(value)) : value;
}

/** The parts of the first record that `after` names. */
function shownOf(batch: LogsBatch, after: Telemetry): Readonly<Record<string, unknown>> {
  for (const record of batch.records) {
    const shown: Record<keyof Telemetry, unknown> = {
      attributes: readAttributes(record.attributes),
      body: readField(record.bodyField),
      resource: readAttributes(record.resource.attributes),
      scope: readAttributes(record.scope.attributes),
      severityNumber: record.severityNumber,
      severityText: record.severityText,
      otlp: undefined,
    };
    return Object.fromEntries(Object.keys(after).map((name) => [name, shown[name as keyof Telemetry]]));
  }
  return {};
}
