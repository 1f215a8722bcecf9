import type { ScenarioName } from './child/messages.ts';
import { always, type Rule, type Violation } from './rule.ts';
import type { Subject } from './subject.ts';

const PROMISES: Readonly<Record<ScenarioName, string>> = {
  'shutdown-without-start': 'shutdown without start ends and leaves nothing behind',
  'start-and-shutdown': 'a component that was started and shut down leaves nothing behind and does nothing more',
  'shutdown-twice': 'a second shutdown does nothing',
  'shutdown-during-work': 'a shutdown during work finishes or gives up what is under way, and answers everybody',
  'failing-start': 'a start that fails leaves nothing behind',
};

const REMEDIES: Readonly<Record<ScenarioName, string>> = {
  'shutdown-without-start': 'shutdown must cope with what start would have made',
  'start-and-shutdown': 'in shutdown, clear timers, close servers, sockets and files, and await what was started',
  'shutdown-twice': 'make shutdown idempotent: keep its promise, or forget what was released',
  'shutdown-during-work': 'in shutdown, wait for what was begun; obey abort signals; settle every promise',
  'failing-start': 'undo in the failing start what it had done, or let shutdown undo it',
};

/** What the module does when it is imported, and the component when it is started and stopped. */
export const LIFECYCLE_RULES: readonly Rule[] = [
  {
    id: 'module/import',
    says: 'importing the module does nothing but define',
    appliesTo: always,
    async check(subject) {
      const { atImport, died } = await subject.report();
      const remedy = 'move it into create() or start(): workers and listings import the module too';
      if (died !== undefined) return [{ seen: `the process that imported it died: ${died}`, remedy }];
      return atImport.map((seen) => ({ seen, remedy }));
    },
  },
  ...(Object.keys(PROMISES) as ScenarioName[]).map((scenario) => lifecycleRule(scenario)),
];

function lifecycleRule(scenario: ScenarioName): Rule {
  return {
    id: `lifecycle/${scenario}`,
    says: PROMISES[scenario],
    appliesTo: (subject) => hasLife(subject) && (scenario !== 'failing-start' || hasFailing(subject)),
    async check(subject): Promise<readonly Violation[]> {
      const { scenarios, died } = await subject.report();
      const remedy = REMEDIES[scenario];
      if (died !== undefined) return [{ seen: `the process died: ${died}`, remedy }];
      const own = scenarios.filter((each) => each.scenario === scenario);
      return own.flatMap(({ label, problems }) =>
        problems.map((problem) => ({ seen: `${label}: ${problem}`, remedy })),
      );
    },
  };
}

/** Pure components are functions: nothing starts or stops. */
function hasLife({ definition }: Subject): boolean {
  if (definition.kind === 'connector') return definition.stateful !== undefined;
  return definition.kind !== 'processor' || definition.stateful !== undefined || definition.gate !== undefined;
}

function hasFailing(subject: Subject): boolean {
  return subject.ownOf(subject.options.failing).length > 0;
}
