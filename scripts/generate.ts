/**
 * Writes the generated files; with `--check` only tells which are out of date (exit code 1).
 * A new generated file is a new entry in the list.
 */
import path from 'node:path';
import { generateFiles } from './generate/generate-files.ts';
import type { Generator } from './generate/generator.ts';
import { apiReports } from './generate/api-report.ts';
import { builtInPlugins, takenTypes } from './generate/built-in-plugins.ts';
import { compatibility } from './generate/compatibility.ts';
import { componentReference } from './generate/component-reference.ts';
import { ottlReference } from './generate/ottl-reference.ts';
import { packageIndex } from './generate/package-index.ts';
import { pluginTemplateOptions } from './generate/plugin-template-options.ts';
import { walkerBinary } from './generate/walker-binary.ts';

const generators: readonly Generator[] = [
  packageIndex,
  builtInPlugins,
  componentReference,
  compatibility,
  ottlReference,
  walkerBinary,
  takenTypes,
  ...pluginTemplateOptions,
  ...apiReports,
];

const check = process.argv.includes('--check');
const outdated = await generateFiles(generators, { root: path.dirname(import.meta.dirname), check });
for (const file of outdated) console.log(check ? `${file} is out of date; run \`npm run generate\`` : `wrote ${file}`);
console.log(`${generators.length} generated files, ${outdated.length} ${check ? 'out of date' : 'written'}`);
if (check && outdated.length > 0) process.exitCode = 1;
