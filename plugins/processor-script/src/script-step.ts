import { permanent, type StepTools, type Transform } from '@millrace/api';
import type { LogsBatch, MetricsBatch, TracesBatch } from '@millrace/otlp';
import { compileScript, type ScriptFunction } from './compile-script.ts';
import { Deadline, LOAD_MS } from './deadline.ts';
import { FailureLog } from './failure-log.ts';
import { describeFailure } from './script-error.ts';
import type { ScriptSettings } from './script-settings.ts';
import { type FunctionName, type ScriptSource, sourcesOf } from './script-source.ts';

/** A function of a script, and the script that it is of. */
interface Step {
  readonly source: ScriptSource;
  readonly call: ScriptFunction;
  /** Undefined: errors refuse the batch. */
  readonly failures: FailureLog | undefined;
}

/** @throws ScriptError for a script that cannot be used */
export function scriptTransform(settings: ScriptSettings, tools: StepTools): Transform {
  const deadline = new Deadline(settings.deadline);
  const failures = settings.error_mode === 'propagate' ? undefined : new FailureLog(tools, settings.error_mode);
  const load = { tools, deadline: new Deadline(LOAD_MS) };
  const steps = new Map<FunctionName, Step>();
  for (const source of sourcesOf(settings)) {
    for (const [name, call] of compileScript(source, load)) steps.set(name, { source, call, failures });
  }

  function stepFor<Batch>(whole: FunctionName, short: FunctionName, itemsOf: (batch: Batch) => Iterable<Item>) {
    const perBatch = steps.get(whole);
    const perItem = steps.get(short);
    if (perBatch === undefined && perItem === undefined) return undefined;
    return (batch: Batch): void => {
      deadline.run(() => {
        if (perBatch !== undefined) runForBatch(perBatch, batch);
        if (perItem !== undefined) runForItems(perItem, itemsOf(batch));
      });
      failures?.report();
    };
  }

  const logs = stepFor('logs', 'log', (batch: LogsBatch) => batch.records);
  const traces = stepFor('traces', 'span', (batch: TracesBatch) => batch.spans);
  const metrics = stepFor('metrics', 'point', (batch: MetricsBatch) => batch.dataPoints);
  return {
    ...(logs === undefined ? {} : { logs }),
    ...(traces === undefined ? {} : { traces }),
    ...(metrics === undefined ? {} : { metrics }),
  };
}

function runForBatch(step: Step, batch: unknown): void {
  try {
    step.call(batch);
  } catch (error) {
    handle(step, error);
  }
}

interface Item {
  drop(): void;
}

/** The loop is begun again behind an item that failed: no item pays for a `try`, and the cursor stays where it is. */
function runForItems(step: Step, items: Iterable<Item>): void {
  const iterator = items[Symbol.iterator]();
  const { call } = step;
  for (let isOver = false; !isOver;) {
    let isCalled = false;
    try {
      for (let next = iterator.next(); ; next = iterator.next()) {
        if (next.done === true) {
          isOver = true;
          break;
        }
        isCalled = true;
        if (call(next.value) === false) next.value.drop();
        isCalled = false;
      }
    } catch (error) {
      // What the batch itself throws is not the script's fault, and would come again.
      if (!isCalled) throw error;
      handle(step, error);
    }
  }
}

function handle({ failures, source }: Step, error: unknown): void {
  if (failures !== undefined) return failures.note(error, source);
  const message = `the script failed at ${describeFailure(error, source)}`;
  throw permanent(message, { code: 'SCRIPT_FAILED', cause: error });
}
