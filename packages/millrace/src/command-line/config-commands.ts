import { type Command, Option } from 'commander';
import type { ExplainOptions } from '../commands/explain.ts';
import type { ConfigOptions } from '../commands/read-config.ts';
import { configOption, outputOption, pluginOption, setOption } from './options.ts';

const DEV_HELP = `
Watched are the configuration and what it includes, the plugins that it or --plugin names, and what these import by paths. A
change takes effect under live data. Where it does not parse, has type errors (if typescript is installed beside the plugin)
or cannot start, the place is shown and the old version goes on. So is the place where a plugin throws.

Examples:
  millrace dev --config pipeline.yaml
  millrace dev --config pipeline.yaml --plugin ./my-plugin.ts
`;

const EXPLAIN_HELP = `
Examples:
  millrace explain --config pipeline.yaml --input sample.json
  echo 'logs: [{ body: GET /healthz, severity: INFO }]' | millrace explain --config pipeline.yaml --input -
`;

/** Declares the commands that read a configuration; each loads what it needs when it is called. */
export function addConfigCommands(program: Command): void {
  withConfig(
    program,
    'run',
    'run a configuration until SIGINT or SIGTERM; SIGHUP reloads it (default)',
    async (options) => {
      const { run } = await import('../commands/run.ts');
      const code = await run({ ...options, watch: options['watch'] === true });
      // Whatever a component left behind must not keep a stopped collector alive.
      process.exit(code);
    },
  ).option('-w, --watch', 'reload the configuration when its files, or those of its plugins, change');

  withConfig(
    program,
    'dev',
    'run a configuration, and reload it and its plugins whenever a file is saved',
    async (options) => {
      const { dev } = await import('../commands/dev.ts');
      const code = await dev({ ...options, plugin: options['plugin'] as readonly string[] });
      process.exit(code);
    },
  )
    .addOption(pluginOption())
    .addHelpText('after', DEV_HELP);

  withConfig(program, 'validate', 'check a configuration and build its graph, without starting it', async (options) => {
    const { validate } = await import('../commands/validate.ts');
    return validate(options);
  });

  withConfig(program, 'print-config', 'print the merged configuration, with secrets redacted', async (options) => {
    const { printMerged } = await import('../commands/print-config.ts');
    return printMerged(options);
  });

  withConfig(program, 'graph', 'show the pipelines and what each acknowledgement means', async (options) => {
    const { graph } = await import('../commands/graph.ts');
    return graph(options, options['format'] === 'mermaid' ? 'mermaid' : 'tree');
  }).addOption(new Option('--format <format>', 'how to draw it').choices(['tree', 'mermaid']).default('tree'));

  withConfig(
    program,
    'explain',
    'run one input through the pipelines, without I/O, and tell what each component does',
    (options) => import('../commands/explain.ts').then(({ explain }) => explain(options as unknown as ExplainOptions)),
  )
    .requiredOption(
      '-i, --input <file>',
      'OTLP/JSON requests, or records in the short form as YAML; - is the standard input',
    )
    .option('-r, --receiver <id>', 'where it comes in; by default the first receiver of its signal')
    .option('--wait <duration>', 'how long to wait for what components hold; takes no real time', '60s')
    .addOption(outputOption())
    .addHelpText('after', EXPLAIN_HELP);
}

/** Adds the options of a command that reads a configuration, and what it does with it. */
function withConfig(
  program: Command,
  name: string,
  description: string,
  action: (options: ConfigOptions & Record<string, unknown>) => Promise<number>,
): Command {
  return program
    .command(name, name === 'run' ? { isDefault: true } : {})
    .description(description)
    .addOption(
      configOption('file, or env:NAME, yaml:TEXT, http(s):URL; several are merged in order').makeOptionMandatory(),
    )
    .addOption(setOption('overrides one value, e.g. exporters.otlp.endpoint=host:4317'))
    .action(async (options: ConfigOptions & Record<string, unknown>) => {
      if (options.config.length === 0) program.error('error: name a configuration with --config FILE');
      process.exitCode = await action(options);
    });
}
