import { existsSync } from 'node:fs';
import path from 'node:path';
import {
  ConfigErrors,
  type ConfigNode,
  locationOf,
  type Origin,
  parseYaml,
  Problems,
  readConfigFile,
  Source,
  toPlain,
} from '@millrace/config';
import type { ClientContext } from '@millrace/api';
import { readErrorText } from '@millrace/api';
import { NodeReader } from '../node-reader.ts';
import { readExpectation } from './read-expectation.ts';
import { type Folder, PAYLOAD_KEYS, readPayloads } from '../payload/read-payloads.ts';
import type { AnswerExpectation, Behaviour, InputStep, PipelineTest, Step, Subject, Suite } from './suite.ts';

/** Names of files of tests end like this. */
export const SUITE_SUFFIX = '.test.yaml';

/** Reads a file of tests. Throws ConfigErrors with everything that is wrong with it. */
export async function readSuite(file: string, readFile: Folder['readFile'] = readConfigFile): Promise<Suite> {
  const problems = new Problems();
  const source = await sourceOf(file, readFile, problems);
  const suite = source && (await new SuiteReader(source, readFile, problems).read());
  if (suite === undefined || problems.errorCount > 0) {
    throw new ConfigErrors(problems.list('error'), problems.list('warning'));
  }
  return suite;
}

async function sourceOf(file: string, readFile: Folder['readFile'], problems: Problems): Promise<Source | undefined> {
  const place = { label: file, dir: path.dirname(path.resolve(file)), order: 0 };
  try {
    return new Source({ ...place, text: await readFile(path.resolve(file)) });
  } catch (error) {
    const origin = { source: new Source({ ...place, text: undefined }), offset: 0 };
    const message = `the file cannot be read: ${readErrorText(error)}`;
    problems.error({ code: 'SOURCE_UNREADABLE', origin, message });
    return undefined;
  }
}

const SUITE_KEYS = ['config', 'overrides', 'set', 'env', 'tests'] as const;
const STEP_KEYS = ['input', 'advance', 'exporters', 'expect', 'shutdown'] as const;
const TEST_KEYS = ['name', 'pipeline', 'component', 'steps', ...STEP_KEYS] as const;
const INPUT_KEYS = [...PAYLOAD_KEYS, 'receiver', 'context', 'answer'] as const;

class SuiteReader {
  readonly #source: Source;
  readonly #folder: Folder;
  readonly #reader: NodeReader;

  constructor(source: Source, readFile: Folder['readFile'], problems: Problems) {
    this.#source = source;
    this.#folder = { dir: source.dir, readFile };
    this.#reader = new NodeReader(problems);
  }

  async read(): Promise<Suite | undefined> {
    const { problems } = this.#reader;
    const { node, faults } = parseYaml(this.#source);
    for (const { offset, ...fault } of faults) problems.error({ ...fault, origin: { source: this.#source, offset } });
    return node === undefined ? undefined : this.#suite(node);
  }

  async #suite(node: ConfigNode): Promise<Suite | undefined> {
    const reader = this.#reader;
    const fields = reader.fields(node, 'a map with "tests"', SUITE_KEYS);
    if (fields === undefined) return undefined;
    const { config, overrides, set, env, tests } = fields;
    if (tests === undefined) reader.missing(node.origin, 'tests', 'write "tests:" with a list below it');
    const items = tests === undefined ? [] : reader.list(tests, 'a list of tests');
    const read: PipelineTest[] = [];
    for (const item of items) {
      const test = await this.#test(item);
      if (test !== undefined) read.push(test);
    }
    this.#refuseRepeats(read);
    return {
      file: this.#source.label,
      configs: this.#configs(config, node.origin),
      overrides: overrides === undefined || reader.map(overrides, 'a map') === undefined ? {} : toPlain(overrides),
      sets: reader.texts(set, 'key.path=value').map(({ text }) => text),
      env: this.#env(env),
      tests: read,
    };
  }

  #configs(node: ConfigNode | undefined, whole: Origin): string[] {
    const named = this.#reader.texts(node, 'the path of a configuration');
    const { dir } = this.#source;
    if (node !== undefined) return named.map(({ text }) => path.resolve(dir, text));
    const beside = path.basename(this.#source.label).replace(/\.test\.ya?ml$/, '.yaml');
    const file = path.join(dir, beside);
    if (existsSync(file)) return [file];
    this.#reader.missing(whole, 'config', `name the configuration under test: there is no ${beside} beside this file`);
    return [];
  }

  #env(node: ConfigNode | undefined): Record<string, string> {
    const map = node === undefined ? undefined : this.#reader.map(node, 'a map of environment variables');
    const env: Record<string, string> = {};
    for (const [name, { value }] of map?.entries ?? []) {
      if (value.kind === 'scalar') env[name] = value.text;
      else this.#reader.wrong(value, 'text');
    }
    return env;
  }

  #refuseRepeats(tests: readonly PipelineTest[]): void {
    const origin = { source: this.#source, offset: 0 };
    for (const [name, same] of Map.groupBy(tests, ({ name }) => name)) {
      if (same.length < 2) continue;
      const message = `${same.length} tests have the name "${name}" (${same.map(({ location }) => location).join(', ')})`;
      this.#reader.problems.error({ code: 'NAME_TWICE', origin, message, remedy: 'rename one of them' });
    }
  }

  async #test(node: ConfigNode): Promise<PipelineTest | undefined> {
    const reader = this.#reader;
    const fields = reader.fields(node, 'a test: a map with "name"', TEST_KEYS);
    if (fields === undefined) return undefined;
    const { name, pipeline, component, steps, ...single } = fields;
    const text = reader.text(name, 'the name of the test');
    if (name === undefined) return reader.missing(node.origin, 'name', 'say what the test guarantees');
    const subject = this.#subject(pipeline, component);
    if (steps !== undefined && Object.keys(single).length > 0) {
      const message = `a test has either "steps" or "${Object.keys(single)[0]}"`;
      reader.problems.error({ code: 'STEPS', origin: steps.origin, message, remedy: 'move it into a step' });
    }
    const list = steps === undefined ? [] : reader.list(steps, 'a list of steps');
    const read: Step[] = steps === undefined ? await this.#steps(single, subject) : [];
    for (const step of list) {
      const keys = reader.fields(step, `a step: ${STEP_KEYS.join(', ')}`, STEP_KEYS);
      if (keys !== undefined) read.push(...(await this.#steps(keys, subject)));
    }
    const isChecked = read.some((step) => step.kind === 'expect' || (step.kind === 'input' && step.answer));
    if (!isChecked && text !== undefined) {
      const message = 'the test expects nothing';
      reader.problems.error({ code: 'NO_EXPECTATION', origin: node.origin, message, remedy: 'add "expect:"' });
    }
    return text === undefined ? undefined : { name: text, location: locationOf(node.origin), subject, steps: read };
  }

  #subject(pipeline: ConfigNode | undefined, component: ConfigNode | undefined): Subject {
    if (pipeline !== undefined && component !== undefined) {
      const message = 'a test is about a pipeline or a component, not both';
      this.#reader.problems.error({ code: 'SUBJECT', origin: component.origin, message, remedy: 'remove one' });
    }
    const kind = pipeline === undefined ? 'component' : 'pipeline';
    const node = pipeline ?? component;
    const id = this.#reader.text(node, `the id of a ${kind}`);
    return node === undefined || id === undefined ? { kind: 'config' } : { kind, id, origin: node.origin };
  }

  /** In the order in which things happen, whatever the order of the keys. */
  async #steps(nodes: Partial<Record<(typeof STEP_KEYS)[number], ConfigNode>>, subject: Subject): Promise<Step[]> {
    const reader = this.#reader;
    const { exporters, input, advance, shutdown, expect } = nodes;
    const steps: Step[] = [];
    if (exporters !== undefined) steps.push({ kind: 'exporters', demeanours: this.#behaviours(exporters) });
    const inputs = input === undefined ? [] : input.kind === 'list' ? input.items : [input];
    for (const item of inputs) {
      const read = await this.#input(item);
      if (read !== undefined) steps.push({ kind: 'input', ...read });
    }
    const ms = advance === undefined ? undefined : reader.durationMs(advance);
    if (ms !== undefined) steps.push({ kind: 'advance', ms });
    if (shutdown !== undefined && reader.flag(shutdown) === true) steps.push({ kind: 'shutdown' });
    if (inputs.length > 0) steps.push({ kind: 'answers' });
    if (expect !== undefined) {
      steps.push({ kind: 'expect', outputs: await readExpectation(expect, subject, this.#folder, reader) });
    }
    return steps;
  }

  #behaviours(node: ConfigNode): Behaviour[] {
    const map = this.#reader.map(node, 'a map of exporters');
    return [...(map?.entries ?? [])].flatMap(([exporter, { key, value }]) => {
      const demeanour = this.#reader.word(value, ['accepts', 'refuses', 'unavailable']);
      return demeanour === undefined ? [] : [{ exporter, demeanour, origin: key }];
    });
  }

  async #input(node: ConfigNode): Promise<InputStep | undefined> {
    const reader = this.#reader;
    const fields = reader.fields(node, `an input: a map with ${PAYLOAD_KEYS.join(', ')}`, INPUT_KEYS);
    if (fields === undefined) return undefined;
    const { receiver, context, answer, ...nodes } = fields;
    const payloads = await readPayloads(nodes, this.#folder, reader);
    if (Object.keys(nodes).length === 0) {
      reader.missing(node.origin, PAYLOAD_KEYS.join('" or "'), 'say what is sent');
    }
    const id = reader.text(receiver, 'the id of a receiver');
    return {
      origin: node.origin,
      payloads,
      receiver: id === undefined || receiver === undefined ? undefined : { id, origin: receiver.origin },
      context: context === undefined ? undefined : this.#context(context),
      answer: answer === undefined ? undefined : this.#answer(answer),
    };
  }

  #context(node: ConfigNode): ClientContext {
    const fields = this.#reader.fields(node, 'a map with "address" or "metadata"', ['address', 'metadata']) ?? {};
    const address = this.#reader.text(fields.address, 'an address');
    const map = fields.metadata && this.#reader.map(fields.metadata, 'a map of metadata');
    const metadata = [...(map?.entries ?? [])].map(([key, { value }]) => [
      key.toLowerCase(),
      this.#reader.texts(value, 'text').map(({ text }) => text),
    ]);
    return {
      ...(address === undefined ? {} : { address }),
      ...(map === undefined ? {} : { metadata: Object.fromEntries(metadata) as Record<string, string[]> }),
    };
  }

  #answer(node: ConfigNode): AnswerExpectation | undefined {
    const reader = this.#reader;
    const { origin } = node;
    if (node.kind !== 'map') {
      const kind = reader.word(node, ['accepted', 'refused', 'waiting']);
      return kind === undefined ? undefined : { kind, origin };
    }
    const { refused } = reader.fields(node, 'a map with "refused"', ['refused']) ?? {};
    if (refused === undefined) return reader.missing(origin, 'refused', 'only refusals have something to say');
    const known = ['code', 'message', 'retryable'] as const;
    const fields = reader.fields(refused, `a map with ${known.join(', ')}`, known) ?? {};
    const [code, message] = [reader.text(fields.code, 'a code'), reader.text(fields.message, 'a part of a message')];
    const retryable = fields.retryable === undefined ? undefined : reader.flag(fields.retryable);
    return {
      kind: 'refused',
      origin,
      ...(code === undefined ? {} : { code }),
      ...(message === undefined ? {} : { message }),
      ...(retryable === undefined ? {} : { retryable }),
    };
  }
}
