import type { ConfigNode } from '@millrace/config';
import { readRecords, readShortRecords, type ShortRecord } from '@millrace/records';
import { readCondition } from './conditions.ts';
import type { NodeReader } from '../node-reader.ts';
import { type Folder, PAYLOAD_KEYS, readPayloads } from '../payload/read-payloads.ts';
import type { OutputExpectation, RecordCondition, Subject } from './suite.ts';

const KEYS = ['exact', 'subset', 'count', 'every', 'any', 'none'] as const;

/** What is expected, by output; of a pipeline or a processor under test there is only one. */
export async function readExpectation(
  node: ConfigNode,
  subject: Subject,
  folder: Folder,
  reader: NodeReader,
): Promise<OutputExpectation[]> {
  const isOne = node.kind === 'list' || (node.kind === 'map' && isAboutOne(node.entries.keys()));
  if (subject.kind !== 'config' && isOne) return [await readOutput(node, undefined, folder, reader)];
  const map = reader.map(
    node,
    subject.kind === 'config' ? 'a map with an entry for each exporter' : 'a list of records',
  );
  const outputs: OutputExpectation[] = [];
  for (const [output, { value }] of map?.entries ?? []) {
    outputs.push(await readOutput(value, output, folder, reader));
  }
  return outputs;
}

function isAboutOne(keys: Iterable<string>): boolean {
  return [...keys].some((key) => (KEYS as readonly string[]).includes(key));
}

/** A list means exactly these records. */
async function readOutput(
  node: ConfigNode,
  output: string | undefined,
  folder: Folder,
  reader: NodeReader,
): Promise<OutputExpectation> {
  const { origin } = node;
  if (node.kind === 'list') return { output, origin, exact: await readExpected(node, folder, reader) };
  const fields = reader.fields(node, `a list of records, or a map with ${KEYS.join(', ')}`, KEYS) ?? {};
  const count = fields.count && reader.wholeNumber(fields.count);
  return {
    output,
    origin,
    ...(fields.exact === undefined ? {} : { exact: await readExpected(fields.exact, folder, reader) }),
    ...(fields.subset === undefined ? {} : { subset: await readExpected(fields.subset, folder, reader) }),
    ...(count === undefined ? {} : { count }),
    ...(fields.every === undefined ? {} : { every: readConditions(fields.every, reader) }),
    ...(fields.any === undefined ? {} : { any: readConditions(fields.any, reader) }),
    ...(fields.none === undefined ? {} : { none: readConditions(fields.none, reader) }),
  };
}

/** Records in the short form, or by signal, or as OTLP/JSON. */
async function readExpected(node: ConfigNode, folder: Folder, reader: NodeReader): Promise<ShortRecord[]> {
  if (node.kind === 'list') return readShortRecords(node, undefined, reader.problems);
  const nodes = reader.fields(node, `a list of records, or a map with ${PAYLOAD_KEYS.join(', ')}`, PAYLOAD_KEYS) ?? {};
  const payloads = await readPayloads(nodes, folder, reader);
  return payloads.flatMap((payload): readonly ShortRecord[] => {
    if ('records' in payload) return payload.records;
    const records = readRecords(payload.signal, [payload.request]);
    return records.map(({ fields }) => ({ fields, origin: node.origin }));
  });
}

function readConditions(node: ConfigNode, reader: NodeReader): RecordCondition[] {
  return reader.texts(node, 'an OTTL condition').flatMap((each) => readCondition(each, reader.problems) ?? []);
}
