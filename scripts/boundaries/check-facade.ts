import type { Violation } from './check-file.ts';
import { FACADE, shortName, type House } from './house.ts';

/**
 * The facade loads built-in plugins by name, from a generated list that no import statement shows: each must be among its
 * dependencies, or it would be missing where only the facade is installed.
 */
export function checkFacade({ packages }: House): Violation[] {
  const facade = packages.find((each) => each.kind === 'package' && shortName(each) === FACADE);
  if (facade === undefined) return [];
  const missing = packages.filter(({ kind, name }) => kind === 'plugin' && !facade.dependencies.has(name));
  return missing.map(({ name }) => ({
    file: `${facade.folder}/package.json`,
    line: 1,
    rule: 'undeclared-dependency',
    advice: `the built-in plugin "${name}" is not among the dependencies; add it`,
  }));
}
