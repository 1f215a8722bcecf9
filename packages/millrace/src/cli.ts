import { Command, Option } from 'commander';
import type { ConfigOptions } from './commands/read-config.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes:
  0  done, or stopped by a signal
  1  the configuration, a component or a file has errors
  2  the command line is wrong

Examples:
  millrace --config pipeline.yaml
  millrace validate --config base.yaml --config production.yaml
  millrace --config pipeline.yaml --set exporters.otlp.endpoint=collector:4317
  millrace cat data/logs.jsonl.zst.age --identity key.txt --json
`;

// A reader that went away (`| head`, a closed terminal) is no error of ours; what is written then is lost, nothing else.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = new Command('millrace')
  .description(
    'Collects, transforms, protects and delivers logs, traces and metrics, as OpenTelemetry Collector configurations say.',
  )
  .version(version)
  .addHelpText('after', EXIT_CODES)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

const repeat = (value: string, before: readonly string[]) => [...before, value];

/** Adds the options of a command that reads a configuration, and what it does with it. */
function withConfig(
  name: string,
  description: string,
  action: (options: ConfigOptions & Record<string, unknown>) => Promise<number>,
) {
  return program
    .command(name, name === 'run' ? { isDefault: true } : {})
    .description(description)
    .addOption(
      new Option('-c, --config <source>', 'file, or env:NAME, yaml:TEXT, http(s):URL; several are merged in order')
        .argParser(repeat)
        .default([], 'none')
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('-s, --set <key=value>', 'overrides one value, e.g. exporters.otlp.endpoint=host:4317')
        .argParser(repeat)
        .default([], 'none'),
    )
    .action(async (options: ConfigOptions & Record<string, unknown>) => {
      if (options.config.length === 0) program.error('error: name a configuration with --config FILE');
      process.exitCode = await action(options);
    });
}

withConfig('run', 'run a configuration until SIGINT or SIGTERM (default)', async (options) => {
  const { run } = await import('./commands/run.ts');
  const code = await run(options);
  // Whatever a component left behind must not keep a stopped collector alive.
  process.exit(code);
});

withConfig('validate', 'check a configuration and build its graph, without starting it', async (options) => {
  const { validate } = await import('./commands/validate.ts');
  return validate(options);
});

withConfig('print-config', 'print the merged configuration, with secrets redacted', async (options) => {
  const { printMerged } = await import('./commands/print-config.ts');
  return printMerged(options);
});

withConfig('graph', 'show the pipelines and what each acknowledgement means', async (options) => {
  const { graph } = await import('./commands/graph.ts');
  return graph(options, options['format'] === 'mermaid' ? 'mermaid' : 'tree');
}).addOption(new Option('--format <format>', 'how to draw it').choices(['tree', 'mermaid']).default('tree'));

program
  .command('components')
  .description('list all components that configurations can use')
  .addOption(
    new Option('--plugin <place>', 'also load a plugin, by path or package name').argParser(repeat).default([], 'none'),
  )
  .option('--json', 'print JSON')
  .action(async (options: { plugin: readonly string[]; json?: boolean }) => {
    const { listComponents } = await import('./commands/components.ts');
    process.exitCode = await listComponents(options);
  });

program
  .command('schema')
  .description('print the JSON Schema of configuration files, for editors')
  .addOption(
    new Option('--plugin <place>', 'also load a plugin, by path or package name').argParser(repeat).default([], 'none'),
  )
  .action(async (options: { plugin: readonly string[] }) => {
    const { printSchema } = await import('./commands/schema.ts');
    process.exitCode = await printSchema(options);
  });

program
  .command('cat')
  .description('print the records of files that the file exporter wrote, rotated ones too')
  .argument('<file...>', 'files, or the name that the exporter was given')
  .option('-i, --identity <file>', 'file with the age identity (secret key) for encrypted files')
  .option('--json', 'print the records as JSON lines')
  .action(async (files: string[], options: { identity?: string; json?: boolean }) => {
    const { cat } = await import('./commands/cat.ts');
    process.exitCode = await cat(files, options);
  });

program
  .command('keygen')
  .description('make an age key pair: FILE (secret, mode 0600) and FILE.pub')
  .argument('<file>', 'where the secret key goes')
  .option('--if-missing', 'do nothing where the file exists')
  .action(async (file: string, options: { ifMissing?: boolean }) => {
    const { keygen } = await import('./commands/keygen.ts');
    process.exitCode = await keygen(file, options);
  });

const [first] = process.argv.slice(2);
if (first !== undefined && !first.startsWith('-') && first !== 'help' && !commandNames().includes(first)) {
  await refuseCommand(first);
}
await program.parseAsync();

function commandNames(): string[] {
  return program.commands.map((command) => command.name());
}

/** Without a command, options are those of `run`: a word that is no command is a slip, not an argument of `run`. */
async function refuseCommand(word: string): Promise<never> {
  const { didYouMean } = await import('@millrace/config');
  const meant = /\.ya?ml$/i.test(word) ? `to run a file: millrace --config ${word}` : didYouMean(word, commandNames());
  const known = `(commands: ${commandNames().join(', ')}; millrace --help says more)`;
  return program.error(`error: unknown command "${word}"${meant === undefined ? '' : `, ${meant}`} ${known}`);
}
