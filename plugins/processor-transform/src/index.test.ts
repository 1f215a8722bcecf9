import { describeConformance } from '@millrace/testkit';

const NOWHERE = 'attributes["no.such.attribute"] == "x"';

describeConformance(new URL('./index.ts', import.meta.url), {
  untouched: [
    'transform/nothing: {}',
    'transform/empty: { log_statements: [], trace_statements: [{ statements: [] }], metric_statements: [] }',
    `transform/where: ${JSON.stringify({
      log_statements: [`set(log.body, "x") where log.${NOWHERE}`, 'delete_key(log.attributes, "no.such")'],
      trace_statements: [`set(span.name, "x") where span.${NOWHERE}`, 'delete_key(resource.attributes, "no.such")'],
      metric_statements: [`set(metric.name, "x") where datapoint.${NOWHERE}`],
    })}`,
    `transform/condition: ${JSON.stringify({
      log_statements: [{ conditions: [`log.${NOWHERE}`], statements: ['set(log.body, "x")'] }],
      trace_statements: [
        { context: 'spanevent', conditions: [NOWHERE, `span.${NOWHERE}`], statements: ['set(name, "x")'] },
        { context: 'scope', conditions: ['name == "no such scope"'], statements: ['set(version, "x")'] },
      ],
      metric_statements: [
        {
          context: 'exemplar',
          conditions: ['filtered_attributes["no.such"] == "x"'],
          statements: ['set(int_value, 1)'],
        },
        { context: 'resource', conditions: [NOWHERE], statements: ['set(attributes["x"], 1)'] },
      ],
    })}`,
  ],
});
