import { type ConfigFault, defineProcessor, type StepTools, type Transform, Type } from '@millrace/api';
import {
  attributeActions,
  AttributeActions,
  checkActions,
  checkMatch,
  matchSettings,
  matchSupports,
} from '@millrace/rules';
import { LogRule, type MatchSettings, MetricRule, Selection, SpanRule, usesContext } from '@millrace/rules';
import { changeDataPoints } from './change-data-points.ts';
import { changeLogs } from './change-logs.ts';
import { changeSpans } from './change-spans.ts';

/** Changes attributes of log records, spans and data points. */
export default defineProcessor({
  type: 'attributes',
  summary: 'Inserts, updates, deletes, hashes, extracts and converts attributes of log records, spans and data points.',
  stability: 'beta',
  config: Type.Object({
    ...matchSettings('changed'),
    actions: attributeActions('What to do, in this order.'),
  }),
  examples: [
    {
      title: 'Add where it comes from, remove a secret',
      yaml: [
        'attributes:',
        '  actions:',
        '    - { key: cloud.region, value: eu-central-1, action: insert }',
        '    - { key: http.request.header.authorization, action: delete }',
      ].join('\n'),
    },
    {
      title: 'Hide who it was, in production only',
      yaml: [
        'attributes/pseudonyms:',
        '  include:',
        '    match_type: strict',
        '    resources: [{ key: deployment.environment.name, value: production }]',
        '  actions:',
        '    - { key: user.id, action: hash }',
        '    - { pattern: "^user\\\\.(email|phone)", action: delete }',
      ].join('\n'),
    },
    {
      title: 'Remember the tenant, split a URL',
      yaml: [
        'attributes/request:',
        '  actions:',
        '    - { key: tenant, from_context: metadata.x-tenant, default_value: unknown, action: upsert }',
        '    - { key: url.full, pattern: "^(?P<url_scheme>[a-z]+)://(?P<url_domain>[^/]+)", action: extract }',
        '    - { key: http.response.status_code, converted_type: int, action: convert }',
      ].join('\n'),
    },
  ],
  check: (config): readonly ConfigFault[] => [...checkMatch(config, []), ...checkActions(config.actions, ['actions'])],
  usesContext: ({ actions }) => usesContext(actions),
  create: ({ actions, ...match }, tools) => transformFor(match, new AttributeActions(actions), tools),
});

/** A signal whose items `include` and `exclude` cannot be matched against is left out, so that its pipelines refuse the processor. */
function transformFor({ include, exclude }: MatchSettings, actions: AttributeActions, tools: StepTools): Transform {
  const match = { ...(include && { include }), ...(exclude && { exclude }) };
  const transform: Transform = {};
  if (matchSupports(match, 'logs')) {
    const selection = new Selection(include && new LogRule(include), exclude && new LogRule(exclude));
    transform.logs = (batch) => {
      actions.begin(tools);
      changeLogs(batch, selection, actions);
    };
  }
  if (matchSupports(match, 'traces')) {
    const selection = new Selection(include && new SpanRule(include), exclude && new SpanRule(exclude));
    transform.traces = (batch) => {
      actions.begin(tools);
      changeSpans(batch, selection, actions);
    };
  }
  if (matchSupports(match, 'metrics')) {
    const selection = new Selection(include && new MetricRule(include), exclude && new MetricRule(exclude));
    transform.metrics = (batch) => {
      actions.begin(tools);
      changeDataPoints(batch, selection, actions);
    };
  }
  return transform;
}
