import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from './json-schema.ts';
import { DEFINITIONS } from './testing/fake-registry.ts';
import { AROUND } from './testing/load-text.ts';

const schema = jsonSchema(DEFINITIONS);
// Ajv checks the document against the meta schema of draft-07 when it compiles it.
const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);

function faultsOf(text: string): string[] {
  validate(parse(text, { merge: true }));
  return (validate.errors ?? []).map(({ instancePath, keyword }) => `${instancePath} ${keyword}`);
}

describe('the schema of a whole configuration', () => {
  test.each(['agent.yaml', 'gateway.yaml'])('accepts %s', async (name) => {
    const text = await readFile(path.join(import.meta.dirname, 'testing/examples', name), 'utf8');
    // Editors read YAML 1.2, in which this is text.
    expect(faultsOf(text.replace('10_000', '10000'))).toEqual([]);
  });

  test.each<[string, string]>([
    ['processors: { batch: { timeout: 5 } }', '/processors/batch/timeout type'],
    ['processors: { batch: { timeout: 5 sec } }', '/processors/batch/timeout pattern'],
    ['processors: { batch/2: { send_batch_size: many } }', '/processors/batch~12/send_batch_size type'],
    ['processors: { batch/2: { send_batch_size: -1 } }', '/processors/batch~12/send_batch_size minimum'],
    ['processors: { batch/2: { typo: 1 } }', '/processors/batch~12 additionalProperties'],
    ['processors: { bacth: }', '/processors additionalProperties'],
    ['processors: { batchy: }', '/processors additionalProperties'],
    ['exporters: { debug: { verbosity: loud } }', '/exporters/debug/verbosity enum'],
    ['exporters: { otlphttp: { } }', '/exporters/otlphttp required'],
    ['exporters: { otlphttp: { endpoint: x } }', '/exporters/otlphttp/endpoint pattern'],
    ['service: { pipelines: { log: { receivers: [a] } } }', '/service/pipelines additionalProperties'],
    ['service: { pipelines: { logs/x: { receiver: [a] } } }', '/service/pipelines/logs~1x additionalProperties'],
    ['service: { pipelines: { logs: { receivers: ["2"] } } }', '/service/pipelines/logs/receivers/0 pattern'],
    ['service: { bytes_in_flight_max: much }', '/service/bytes_in_flight_max pattern'],
    ['sevice: {}', ' additionalProperties'],
  ])('refuses %s', (text, fault) => {
    expect(faultsOf(text)).toContain(fault);
  });

  test.each([
    AROUND,
    'plugins: [./x.ts]',
    'processors: { batch: { timeout: 0, send_batch_size: "${env:SIZE}" } }',
    'processors: "${file:processors.yaml}"',
    'processors: { batch: "${file:batch.yaml}" }',
    'exporters: { debug: { verbosity: "${env:V}", use_internal_logger: "${env:B}" } }',
    'exporters: { file: { path: 0123, flush: 1s, keys: "${env:K}", free: { x: [1] } } }',
    'receivers: { filelog: { include: a, max_log_size: 1MiB } }',
  ])('accepts %s', (text) => {
    expect(faultsOf(text)).toEqual([]);
  });

  test('says what editors show', () => {
    expect(schema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      properties: {
        exporters: {
          properties: { otlphttp: { $ref: '#/definitions/exporter.otlp_http' } },
          patternProperties: { '^otlp_http(/.+)?$': { $ref: '#/definitions/exporter.otlp_http' } },
        },
      },
      definitions: {
        'exporter.debug': {
          description: 'For tests. (beta)',
          properties: {
            verbosity: { default: 'basic' },
            use_internal_logger: { deprecated: true, deprecationMessage: 'use output_paths', default: true },
          },
        },
        'processor.batch': { properties: { timeout: { default: '200ms' } } },
      },
    });
    expect(JSON.stringify(schema)).not.toContain('"x-');
  });
});
