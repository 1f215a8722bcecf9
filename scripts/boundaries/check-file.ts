import { isBuiltin } from 'node:module';
import path from 'node:path';
import { FACADE, mayImport, RESERVED, shortName, type House, type HousePackage } from './house.ts';
import { findModuleReferences, type ModuleReference } from './module-references.ts';

export interface SourceFile {
  /** Relative to the root, with slashes. */
  readonly file: string;
  readonly source: string;
}

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly rule: Rule;
  /** What stands there and what to do instead. */
  readonly advice: string;
}

export type Rule =
  'leaves-package' | 'deep-import' | 'forbidden-dependency' | 'undeclared-dependency' | 'test-code' | 'barrel';

/** Tests, benchmarks, and what only they use: files under a `testing` or `fixtures` folder. */
const TEST_CODE = /\.(?:test|bench)\.m?[jt]s$|\/(?:testing|fixtures)\//;
/** Benchmarks time functions that no package exports, and compare with the tests' oracles. */
const REACHES_INSIDE = /^benchmarks\//;

/** Everything in one file that breaks the rules of the house. */
export function checkFile({ file, source }: SourceFile, house: House): Violation[] {
  const owner = house.packages.find(({ folder }) => file.startsWith(`${folder}/`)) ?? house.root;
  const violations: Violation[] = [];
  const report = (line: number, rule: Rule, advice: string): void => {
    violations.push({ file, line, rule, advice });
  };

  const isBarrel =
    owner.kind === 'root' || [`${owner.folder}/src/index.ts`, `${owner.folder}/src/testing/index.ts`].includes(file);
  if (!isBarrel && path.posix.basename(file) === 'index.ts') {
    report(
      1,
      'barrel',
      `only src/index.ts (and src/testing/index.ts) collects exports; name the file after what it holds`,
    );
  }
  for (const reference of findModuleReferences(source)) {
    const { kind, line, specifier } = reference;
    if (kind === 'export' && !isBarrel) {
      report(line, 'barrel', `re-exports "${specifier}"; let src/index.ts export it, or import it where it is used`);
    }
    const broken =
      specifier.startsWith('.') || specifier.startsWith('/')
        ? checkRelative(file, owner, reference, house)
        : checkBare(file, owner, reference, house);
    if (broken !== undefined) report(line, ...broken);
  }
  return violations;
}

function checkRelative(
  file: string,
  owner: HousePackage,
  { specifier }: ModuleReference,
  house: House,
): [Rule, string] | undefined {
  if (REACHES_INSIDE.test(file)) return undefined;
  const target = path.posix.join(path.posix.dirname(file), specifier);
  const targetOwner = house.packages.find(({ folder }) => target === folder || target.startsWith(`${folder}/`));
  if (specifier.startsWith('/') || (targetOwner ?? house.root) !== owner || target.startsWith('../')) {
    const instead = targetOwner === undefined ? 'move it into the package' : `import "${targetOwner.name}"`;
    return ['leaves-package', `"${specifier}" is outside ${owner.folder || 'the root'}; ${instead}`];
  }
  if (owner.kind !== 'root' && TEST_CODE.test(target) && !TEST_CODE.test(file)) {
    return ['test-code', `"${specifier}" is only for tests; move what is needed out of it`];
  }
  return undefined;
}

function checkBare(
  file: string,
  owner: HousePackage,
  { specifier }: ModuleReference,
  house: House,
): [Rule, string] | undefined {
  if (isBuiltin(specifier) || /^(?:data|file|https?):/.test(specifier)) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const inTest = TEST_CODE.test(file);
  const target = house.packages.find((candidate) => candidate.name === name);
  if (target === owner) return undefined;

  if (target !== undefined) {
    const subpath = `.${specifier.slice(name.length)}`;
    if (!target.exports.has(subpath)) {
      return [
        'deep-import',
        `"${specifier}" reaches behind ${name}; import "${name}", and export there what is missing`,
      ];
    }
    if (!mayImport(owner, target, inTest)) {
      return ['forbidden-dependency', `${owner.name} may not import ${name}; ${whatInstead(owner, target)}`];
    }
  }
  const reserved = RESERVED[name];
  const mayMeasure = REACHES_INSIDE.test(file);
  if (reserved !== undefined && !mayMeasure && (owner.kind !== 'package' || shortName(owner) !== reserved)) {
    return ['forbidden-dependency', `only packages/${reserved} imports ${name}; use what @millrace/${reserved} offers`];
  }
  if (isDeclared(name, owner, house, target !== undefined, inTest)) return undefined;
  const where = owner.kind === 'root' ? 'package.json' : `${owner.folder}/package.json`;
  return [
    'undeclared-dependency',
    `"${name}" is not among the ${inTest ? 'devDependencies' : 'dependencies'} of ${where}; add it`,
  ];
}

function isDeclared(name: string, owner: HousePackage, house: House, ours: boolean, inTest: boolean): boolean {
  if (owner.dependencies.has(name)) return true;
  // Scripts, benchmarks and whole-process tests are never published: they see all that is in the workspace.
  if (owner.kind === 'root') return ours || owner.devDependencies.has(name);
  return inTest && (owner.devDependencies.has(name) || house.root.devDependencies.has(name));
}

function whatInstead(owner: HousePackage, target: HousePackage): string {
  if (owner.kind === 'plugin') {
    if (target.folder === 'packages/testkit') return 'only its *.test.ts files may';
    return 'a plugin uses @millrace/api and what every third party may use';
  }
  if (target.kind === 'plugin') return `only packages/${FACADE} and tests know plugins`;
  return 'see the layout in CONTRIBUTING.md, and turn the dependency round with an interface in @millrace/api';
}
