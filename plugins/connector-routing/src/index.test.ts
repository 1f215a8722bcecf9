import { describeConformance } from '@millrace/testkit';

const ALL = '[logs/after, traces/after, metrics/after]';

describeConformance(new URL('./index.ts', import.meta.url), {
  configs: [
    `routing/split: { default_pipelines: ${ALL}, table: [
        { context: log, condition: 'IsMatch(body, "[0-3]")', pipelines: [logs/after] },
        { context: span, condition: 'kind == SPAN_KIND_SERVER', pipelines: [traces/after] },
        { context: metric, condition: 'IsMatch(name, "[0-3]$")', pipelines: [metrics/after] },
        { context: datapoint, condition: 'attributes["http.method"] == "GET"', pipelines: [metrics/after] },
        { condition: 'resource.attributes["service.name"] == "shop"', pipelines: ${ALL} }] }`,
  ],
  untouched: [
    `routing/everything: { table: [{ condition: 'true', pipelines: ${ALL} }] }`,
    `routing/nothing: { default_pipelines: ${ALL}, table: [{ context: span, condition: 'false', pipelines: [traces/after] }] }`,
  ],
});
