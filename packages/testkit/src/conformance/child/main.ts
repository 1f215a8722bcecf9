import { loadPluginModule } from '@millrace/workers';
import { Census } from './census.ts';
import type { ChildCase, ChildResult, ChildTask, ScenarioName } from './messages.ts';
import { rigsOf } from './rigs.ts';
import { play } from './scenarios.ts';
import { watchImport } from './watch-import.ts';

const SCENARIOS: readonly ScenarioName[] = [
  'shutdown-without-start',
  'start-and-shutdown',
  'shutdown-twice',
  'shutdown-during-work',
];

process.once('message', (task: ChildTask) => {
  run(task).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});

async function run({ url, kind, type, cases }: ChildTask): Promise<ChildResult> {
  const census = new Census();
  // The streams make themselves ready when they are first touched.
  void process.stdout.writableLength;
  void process.stderr.writableLength;
  const load = () => loadPluginModule(url, process.cwd());
  const atImport = await watchImport(census, load);
  if (atImport.some((problem) => problem.startsWith('it cannot'))) return { atImport, scenarios: [] };
  const { definitions } = await load();
  const definition = definitions.find((each) => each.kind === kind && each.type === type);
  if (definition === undefined) throw new Error(`${url} does not define the ${kind} "${type}"`);
  const scenarios: ChildResult['scenarios'][number][] = [];
  for (const each of cases) {
    for (const scenario of scenariosFor(each)) {
      for (const make of rigsOf(definition, each)) {
        const problems = await play(census, make, scenario, each);
        scenarios.push({ label: each.label, scenario, problems });
      }
    }
  }
  return { atImport, scenarios };
}

function scenariosFor({ start }: ChildCase): readonly ScenarioName[] {
  return start === 'fails' ? ['failing-start'] : SCENARIOS;
}
