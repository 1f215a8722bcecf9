import { jsonToProto, protoToJson } from '@millrace/otlp';
import { collectorOf } from '@millrace/testkit';

/** A collector in memory whose only processor is a span processor with these settings. */
export async function collectorWith(settings: object) {
  const yaml = [
    'receivers: { test/in: }',
    'exporters: { test/out: }',
    `processors: { span: ${JSON.stringify(settings)} }`,
    'service: { pipelines: { traces: { receivers: [test/in], processors: [span], exporters: [test/out] } } }',
  ].join('\n');
  return collectorOf(yaml, { plugins: [new URL('../index.ts', import.meta.url)] });
}

export interface PlainSpan {
  readonly name?: string;
  readonly attributes?: readonly object[];
  readonly status?: object;
}

/** What becomes of spans. */
export async function changed(settings: object, spans: readonly PlainSpan[]): Promise<PlainSpan[]> {
  await using collector = await collectorWith(settings);
  const resource = { attributes: [text('service.name', 'shop')] };
  const request = { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'lib' }, spans }] }] };
  await collector.in().send('traces', jsonToProto('traces', JSON.stringify(request)));
  const [payload] = collector.out().accepted;
  const after = JSON.parse(Buffer.from(protoToJson('traces', payload.bytes)).toString()) as {
    resourceSpans: { scopeSpans: { spans: PlainSpan[] }[] }[];
  };
  return after.resourceSpans[0].scopeSpans[0].spans.map(({ name, attributes, status }) => ({
    ...(name === undefined ? {} : { name }),
    ...(attributes === undefined ? {} : { attributes }),
    ...(status === undefined || Object.keys(status).length === 0 ? {} : { status }),
  }));
}

export const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
