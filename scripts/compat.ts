/**
 * Which of the Collector's configurations run here: loads every one below the folders or files that are named, and says
 * for each what keeps it from running, and at the end what is wanted most. `npm run compat -- [--json] [--strict] DIR...`
 *
 * Environment variables that are not set, files that references name, certificates and hosts are not asked for. Exit code 0, with
 * `--strict` 1 where some do not run.
 */
import { parseArgs } from 'node:util';
import { PluginRegistry } from 'millrace';
import { checkConfig } from './compat/check-config.ts';
import { findConfigs } from './compat/find-configs.ts';
import { formatReport } from './compat/format-report.ts';
import { summarise } from './compat/summarise.ts';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

if (positionals.length === 0) {
  console.error('name folders or files: npm run compat -- DIR');
  process.exitCode = 2;
} else {
  const registry = new PluginRegistry();
  const { configs, skipped } = findConfigs(positionals);
  const verdicts = [];
  for (const config of configs) verdicts.push(await checkConfig(config, registry));
  const summary = summarise(verdicts);
  if (values.json) console.log(JSON.stringify({ verdicts, summary, skipped }, undefined, 2));
  else console.log(formatReport(verdicts, summary, skipped));
  if (values.strict && summary.runs < verdicts.length) process.exitCode = 1;
}
