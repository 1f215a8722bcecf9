import path from 'node:path';
import { ConfigErrors, parseYaml, Problems, readConfigFile, Source } from '@millrace/config';
import { NodeReader } from '../node-reader.ts';
import { requestsOfJson } from '../payload/otlp-json.ts';
import { PAYLOAD_KEYS, readPayloads } from '../payload/read-payloads.ts';
import type { Payload } from '../payload/payload.ts';

/**
 * Telemetry from a text: OTLP/JSON requests, or YAML in the short form (`logs: [{ body: … }]`). Throws ConfigErrors with
 * places, named after `label`; files that the text names are relative to `dir`.
 */
export async function readInput(text: string, { label, dir }: { label: string; dir: string }): Promise<Payload[]> {
  const problems = new Problems();
  const source = new Source({ label, text, dir: path.resolve(dir), order: 0 });
  const fail = (): never => {
    throw new ConfigErrors(problems.list('error'), problems.list('warning'));
  };
  if (isOtlpJson(text)) {
    try {
      return requestsOfJson(text);
    } catch (error) {
      problems.error({ code: 'OTLP_JSON', origin: { source, offset: 0 }, message: (error as Error).message });
      return fail();
    }
  }
  const { node, faults } = parseYaml(source);
  for (const { offset, ...fault } of faults) problems.error({ ...fault, origin: { source, offset } });
  if (node === undefined) return fail();
  const reader = new NodeReader(problems);
  const fields = reader.fields(node, `a map with ${PAYLOAD_KEYS.join(', ')}, or OTLP/JSON`, PAYLOAD_KEYS) ?? {};
  const payloads = await readPayloads(fields, { dir: source.dir, readFile: readConfigFile }, reader);
  if (payloads.length === 0 && problems.errorCount === 0) {
    const remedy = 'write "logs:", "traces:" or "metrics:" with a list of records, or OTLP/JSON';
    problems.error({ code: 'INPUT_EMPTY', origin: node.origin, message: 'there is no telemetry in it', remedy });
  }
  return problems.errorCount > 0 ? fail() : payloads;
}

function isOtlpJson(text: string): boolean {
  return /^\s*\{/.test(text) && /"resource(?:Logs|Spans|Metrics|Profiles|_logs|_spans|_metrics|_profiles)"/.test(text);
}
