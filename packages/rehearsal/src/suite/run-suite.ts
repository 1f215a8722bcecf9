import { ComponentError, type Logger, messageOf, type Signal } from '@millrace/api';
import {
  ConfigErrors,
  loadConfig,
  locationOf,
  type Origin,
  type Registry,
  type ResolvedConfig,
} from '@millrace/config';
import type { DiffPaint } from '@millrace/records';
import { type Sighting, withObservers } from '../observers.ts';
import type { Payload } from '../payload/payload.ts';
import { type Answer, type Delivery, Rehearsal } from '../rehearsal.ts';
import { checkOutput, type Complaint } from './check-output.ts';
import { PayloadWriter } from '../payload/payload-writer.ts';
import { OUTPUT, type Excerpt, excerptOf } from './excerpt.ts';
import type { AnswerExpectation, InputStep, OutputExpectation, PipelineTest, Step, Suite } from './suite.ts';
import { wayText } from './way-text.ts';

export interface RunSettings {
  /** Gives the components that configurations may use; called for each load. */
  readonly registry: () => Registry | Promise<Registry>;
  /** Only tests for whose names this holds; default: all. */
  readonly only?: (name: string) => boolean;
  /** What components say goes here; default: nowhere. */
  readonly logger?: Logger;
}

export interface TestResult {
  readonly name: string;
  /** `file:line:col` of the test. */
  readonly location: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly failures: readonly Failure[];
  /** Of a failed test: how many items passed each step of each pipeline, for instance `logs  3 → filter 2 → batch 2`. */
  readonly way: readonly string[];
  readonly durationMs: number;
}

/** Why a test failed. */
export interface Failure {
  /** `file:line:col` of what was expected. */
  readonly location: string;
  readonly message: string;
  readonly details: (paint: DiffPaint) => readonly string[];
}

/**
 * Runs the tests of a file, each with components of its own. Throws ConfigErrors where the configuration has errors.
 */
export async function runSuite(suite: Suite, settings: RunSettings): Promise<TestResult[]> {
  const config = await loadUnderTest(suite, await settings.registry());
  const results: TestResult[] = [];
  for (const test of suite.tests) {
    results.push(await runTest(test, config, settings));
  }
  return results;
}

/** The configuration that the tests of a file are about. Throws ConfigErrors. */
async function loadUnderTest(suite: Suite, registry: Registry): Promise<ResolvedConfig> {
  const sources = [...suite.configs, `yaml:${JSON.stringify(suite.overrides)}`];
  const env = { ...process.env, ...suite.env };
  const { config } = await loadConfig(sources, { registry, sets: suite.sets, env });
  return config;
}

async function runTest(test: PipelineTest, config: ResolvedConfig, settings: RunSettings): Promise<TestResult> {
  const { name, location } = test;
  if (settings.only?.(name) === false)
    return { name, location, state: 'skipped', failures: [], way: [], durationMs: 0 };
  const begun = performance.now();
  const failures = await new TestRun(test, config).run(settings.logger);
  const durationMs = performance.now() - begun;
  if (failures.length === 0) return { name, location, state: 'passed', failures, way: [], durationMs };
  return { name, location, state: 'failed', failures, way: await wayOf(test, config), durationMs };
}

/** Runs a test once more, watched. */
async function wayOf(test: PipelineTest, config: ResolvedConfig): Promise<string[]> {
  const sightings: Sighting[] = [];
  let watched = config;
  const watch = (part: ResolvedConfig) => {
    watched = part;
    return withObservers(part, (sighting) => sightings.push(sighting));
  };
  await new TestRun(test, config, watch).run(undefined);
  return wayText(watched, sightings);
}

/** An answer that nobody has judged. */
interface OpenAnswer {
  readonly origin: Origin;
  readonly answer: () => Answer;
  /** Undefined: anything but a refusal, by the end of the test. */
  readonly expected: AnswerExpectation | undefined;
}

class TestRun {
  readonly #test: PipelineTest;
  readonly #config: ResolvedConfig;
  readonly #watch: (part: ResolvedConfig) => ResolvedConfig;
  readonly #failures: Failure[] = [];
  #answers: OpenAnswer[] = [];
  /** What came out since the last expectation. */
  #deliveries: Delivery[] = [];
  #writer: PayloadWriter | undefined;

  /** `watch` may put something between the components. */
  constructor(test: PipelineTest, config: ResolvedConfig, watch = (part: ResolvedConfig) => part) {
    this.#test = test;
    this.#config = config;
    this.#watch = watch;
  }

  async run(logger: Logger | undefined): Promise<readonly Failure[]> {
    let rehearsal: Rehearsal | undefined;
    try {
      const excerpt = excerptOf(this.#config, this.#test.subject, this.#signals());
      const config = this.#watch(excerpt.config);
      rehearsal = await Rehearsal.start({ config, ...(logger === undefined ? {} : { logger }) });
      this.#writer = new PayloadWriter(rehearsal.clock);
      for (const step of this.#test.steps) await this.#step(step, excerpt, rehearsal);
    } catch (error) {
      this.#fail(this.#test.location, messageWithRemedy(error));
    } finally {
      await rehearsal?.stop();
    }
    for (const { origin, answer } of this.#answers) {
      const last = answer();
      if (last.kind === 'refused') this.#fail(locationOf(origin), `the input was refused: ${refusalText(last)}`);
    }
    return this.#failures;
  }

  #signals(): ReadonlySet<Signal> {
    const inputs = this.#test.steps.filter((step) => step.kind === 'input');
    return new Set(inputs.flatMap(({ payloads }) => payloads.map(({ signal }) => signal)));
  }

  async #step(step: Step, excerpt: Excerpt, rehearsal: Rehearsal): Promise<void> {
    switch (step.kind) {
      case 'input':
        return this.#input(step, excerpt, rehearsal);
      case 'advance':
        return rehearsal.clock.advance(step.ms);
      case 'shutdown':
        return rehearsal.stop();
      case 'exporters':
        for (const { exporter, demeanour, origin } of step.demeanours) {
          if (!excerpt.outputs.includes(exporter)) this.#failUnknown(exporter, excerpt, origin);
          rehearsal.behave(exporter, demeanour);
        }
        return undefined;
      case 'answers':
        for (const { expected, answer } of this.#answers) {
          if (expected !== undefined) this.#checkAnswer(expected, answer());
        }
        this.#answers = this.#answers.filter(({ expected }) => expected === undefined);
        return undefined;
      case 'expect':
        this.#deliveries.push(...rehearsal.take());
        for (const output of step.outputs) this.#expect(output, excerpt);
        this.#deliveries = [];
    }
  }

  async #input(step: InputStep, excerpt: Excerpt, rehearsal: Rehearsal): Promise<void> {
    for (const payload of step.payloads) {
      const { signal } = payload;
      const receiver = step.receiver?.id ?? excerpt.receiverFor(signal);
      if (receiver === undefined) {
        this.#fail(locationOf(step.origin), `no pipeline of the configuration takes ${signal}`);
        continue;
      }
      const request = this.#written(payload, step.origin);
      if (request === undefined) continue;
      const answer = await rehearsal.feed({ receiver, signal, request, context: step.context });
      this.#answers.push({ origin: step.origin, answer, expected: step.answer });
    }
  }

  /** Undefined after having said what does not fit: a number may be too large for its field. */
  #written(payload: Payload, origin: Origin): Uint8Array | undefined {
    try {
      return this.#writer?.requestOf(payload);
    } catch (error) {
      this.#fail(locationOf(origin), `the input does not fit into OTLP: ${messageOf(error)}`);
      return undefined;
    }
  }

  #checkAnswer(expected: AnswerExpectation, answer: Answer): void {
    const location = locationOf(expected.origin);
    const said = answer.kind === 'refused' ? `refused: ${refusalText(answer)}` : answer.kind;
    if (answer.kind !== expected.kind) {
      this.#fail(location, `the answer should be "${expected.kind}", and is "${said}"`);
      return;
    }
    if (answer.kind !== 'refused') return;
    const { code, retryable, message } = answer.error;
    if (expected.code !== undefined && expected.code !== code) {
      this.#fail(location, `the refusal should have the code ${expected.code}, and has ${code} (${message})`);
    }
    if (expected.message !== undefined && !message.includes(expected.message)) {
      this.#fail(location, `the refusal should say "${expected.message}", and says "${message}"`);
    }
    if (expected.retryable !== undefined && expected.retryable !== retryable) {
      const kinds = { true: 'for now', false: 'for good' } as const;
      const [wanted, found] = [kinds[`${expected.retryable}`], kinds[`${retryable}`]];
      this.#fail(location, `the refusal should be ${wanted}, and is ${found} (${message})`);
    }
  }

  #expect(expectation: OutputExpectation, excerpt: Excerpt): void {
    const { output = excerpt.outputs[0], origin } = expectation;
    if (!excerpt.outputs.includes(output)) {
      this.#failUnknown(output, excerpt, origin);
      return;
    }
    const there = this.#deliveries.filter(({ exporter }) => exporter === output);
    for (const complaint of checkOutput(expectation, there)) this.#complain(locationOf(origin), complaint);
  }

  #failUnknown(output: string, { outputs }: Excerpt, origin: Origin): void {
    const remedy = outputs.includes(OUTPUT)
      ? `a ${this.#test.subject.kind} under test has one way out: write what is expected without a name`
      : `there ${outputs.length === 1 ? 'is' : 'are'} ${outputs.join(', ')}`;
    this.#fail(locationOf(origin), `nothing comes out at "${output}"; ${remedy}`);
  }

  #complain(location: string, { message, details }: Complaint): void {
    this.#failures.push({ location, message, details });
  }

  #fail(location: string, message: string): void {
    this.#failures.push({ location, message, details: () => [] });
  }
}

function refusalText({ error }: Extract<Answer, { kind: 'refused' }>): string {
  return `${error.message} (${error.code}, ${error.retryable ? 'for now' : 'for good'})`;
}

function messageWithRemedy(error: unknown): string {
  if (error instanceof ConfigErrors) throw error;
  const remedy = error instanceof ComponentError && error.remedy !== undefined ? `; ${error.remedy}` : '';
  return `${messageOf(error)}${remedy}`;
}
