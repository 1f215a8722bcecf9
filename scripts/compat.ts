/**
 * Which of the Collector's configurations run here: loads every one below the folders or files that are named, and says
 * for each what keeps it from running, and at the end what is wanted most. `npm run compat -- [--json] [--strict] DIR...`
 *
 * `--against BINARY` runs that Collector's own `validate` beside ours, and lists where they disagree instead.
 *
 * Environment variables that are not set, files that references name, certificates and hosts are not asked for. Exit code 0, with
 * `--strict` 1 where some do not run, or only the Collector accepts one.
 */
import { parseArgs } from 'node:util';
import { PluginRegistry } from 'millrace';
import { askCollector, disagreements, formatDisagreements } from './compat/against.ts';
import { checkConfig } from './compat/check-config.ts';
import { findConfigs } from './compat/find-configs.ts';
import { formatReport } from './compat/format-report.ts';
import { summarise } from './compat/summarise.ts';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    against: { type: 'string' },
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
  if (values.against !== undefined) {
    const theirs = [];
    for (const config of configs) theirs.push(await askCollector(values.against, config));
    const found = disagreements(verdicts, theirs);
    console.log(values.json ? JSON.stringify(found, undefined, 2) : formatDisagreements(found));
    if (values.strict && found.onlyCollector.length > 0) process.exitCode = 1;
  } else {
    console.log(
      values.json
        ? JSON.stringify({ verdicts, summary, skipped }, undefined, 2)
        : formatReport(verdicts, summary, skipped),
    );
    if (values.strict && summary.runs < verdicts.length) process.exitCode = 1;
  }
}
