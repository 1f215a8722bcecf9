import type { TelemetryRecord, Value } from '@millrace/records';
import type { Explanation } from '@millrace/rehearsal';

/**
 * What became of an input, for programs. Records are in the short form; whole numbers that a double cannot hold are
 * strings, bytes base64.
 */
export function explanationJson(explanation: Explanation): string {
  const pipelines = explanation.pipelines.map((pipeline) => ({
    ...pipeline,
    steps: pipeline.steps.map(({ before, after, changes, ...step }) => ({
      ...step,
      before: before.map(plainRecord),
      after: after.map(plainRecord),
      changes: changes.map((change) =>
        change.kind === 'changed'
          ? {
              ...change,
              changes: change.changes.map(({ path, before: old, after: fresh }) => ({
                path,
                ...(old === undefined ? {} : { before: plain(old) }),
                ...(fresh === undefined ? {} : { after: plain(fresh) }),
              })),
            }
          : change,
      ),
    })),
  }));
  return `${JSON.stringify({ ...explanation, pipelines }, undefined, 2)}\n`;
}

function plainRecord({ fields }: TelemetryRecord): unknown {
  return plain(fields);
}

function plain(value: Value): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]: [string, Value]) => [key, plain(item)]));
  return Array.isArray(value) ? (value as Value[]).map(plain) : value;
}
