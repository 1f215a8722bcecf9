import { Command, Option } from 'commander';
import { addControl } from './commands/add-control.ts';
import { addGenerate } from './commands/generate/add-generate.ts';
import type { ComponentsOptions } from './commands/components.ts';
import type { QueueOptions } from './commands/queue.ts';
import type { ConfigOptions } from './commands/read-config.ts';
import type { ReplayOptions } from './commands/replay.ts';
import type { ExplainOptions } from './commands/explain.ts';
import type { TestOptions } from './commands/test.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes:
  0  done, or stopped by a signal
  1  the configuration, a component or a file has errors
  2  the command line is wrong

Signals:
  SIGINT, SIGTERM  stop: deliver what is left, within service.shutdown_timeout; a second one ends at once
  SIGHUP           reload the configuration; when the collector runs on a terminal that was closed, stop

Examples:
  millrace --config pipeline.yaml
  millrace validate --config base.yaml --config production.yaml
  millrace --config pipeline.yaml --set exporters.otlp.endpoint=collector:4317
  millrace cat data/logs.jsonl.zst.age --identity key.txt --json
  millrace replay ./dead --to http://localhost:4318
`;

const DEV_HELP = `
Watched are the configuration and what it includes, the plugins that it or --plugin names, and what these import by paths. A
change takes effect under live data. Where it does not parse, has type errors (if typescript is installed beside the plugin)
or cannot start, the place is shown and the old version goes on. So is the place where a plugin throws.

Examples:
  millrace dev --config pipeline.yaml
  millrace dev --config pipeline.yaml --plugin ./my-plugin.ts
`;

const REPLAY_HELP = `
Every entry is sent at least once. What the destination has is noted beside the source, so that the same command goes on
where it stopped; what it refuses for good stays, and is named. A file that a collector is writing to is read up to its end
and not deleted.

Exit codes:
  0  everything was sent (now or before)
  1  something was not: refused, damaged, unreadable, interrupted, or the destination is away
  2  the command line is wrong

Examples:
  millrace replay ./dead --to http://localhost:4318 --dry-run
  millrace replay ./dead --config pipeline.yaml --to otlphttp/backup --rate 1000/s --delete
  millrace replay data/logs.jsonl.zst.age --identity key.txt --to grpc://localhost:4317
  millrace replay ./dead --to http://localhost:4318 --where 'severity_number >= SEVERITY_NUMBER_ERROR'
`;

const QUEUE_HELP = `
ls, peek and export also work while a collector has the directory open; repair and drop say which process that is.

Exit codes:
  0  done, and nothing is damaged
  1  damage was found, or the directory cannot be read, is in use, or has no such queue
  2  the command line is wrong

Examples:
  millrace queue ls /var/lib/millrace
  millrace queue peek /var/lib/millrace otlphttp/logs --limit 3
  millrace queue export /var/lib/millrace ./exported && millrace replay ./exported --to http://localhost:4318
`;

const EXPLAIN_HELP = `
Examples:
  millrace explain --config pipeline.yaml --input sample.json
  echo 'logs: [{ body: GET /healthz, severity: INFO }]' | millrace explain --config pipeline.yaml --input -
`;

const TEST_HELP = `
Exit codes:
  0  every test passed
  1  a test failed, a file or a configuration has errors, or there is nothing to run
  2  the command line is wrong

Examples:
  millrace test
  millrace test configs/transform.test.yaml -t 'slow requests'
  millrace test --reporter junit > tests.xml
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

withConfig('run', 'run a configuration until SIGINT or SIGTERM; SIGHUP reloads it (default)', async (options) => {
  const { run } = await import('./commands/run.ts');
  const code = await run({ ...options, watch: options['watch'] === true });
  // Whatever a component left behind must not keep a stopped collector alive.
  process.exit(code);
}).option('-w, --watch', 'reload the configuration when its files, or those of its plugins, change');

withConfig('dev', 'run a configuration, and reload it and its plugins whenever a file is saved', async (options) => {
  const { dev } = await import('./commands/dev.ts');
  const code = await dev({ ...options, plugin: options['plugin'] as readonly string[] });
  process.exit(code);
})
  .addOption(
    new Option('--plugin <place>', 'also load a plugin, by path or package name').argParser(repeat).default([], 'none'),
  )
  .addHelpText('after', DEV_HELP);

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

withConfig(
  'explain',
  'run one input through the pipelines, without I/O, and tell what each component does',
  (options) => import('./commands/explain.ts').then(({ explain }) => explain(options as unknown as ExplainOptions)),
)
  .requiredOption(
    '-i, --input <file>',
    'OTLP/JSON requests, or records in the short form as YAML; - is the standard input',
  )
  .option('-r, --receiver <id>', 'where it comes in; by default the first receiver of its signal')
  .option('--wait <duration>', 'how long to wait for what components hold; takes no real time', '60s')
  .addOption(new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text'))
  .addHelpText('after', EXPLAIN_HELP);

program
  .command('test')
  .description('run tests of pipelines, without I/O and with a clock that only the tests advance')
  .argument('[file...]', 'files of tests; by default every *.test.yaml below this folder')
  .option('-t, --test-name-pattern <text>', 'only the tests whose names hold this text')
  .addOption(
    new Option('--reporter <name>', 'form of the result').choices(['pretty', 'json', 'junit']).default('pretty'),
  )
  .option('-w, --watch', 'run them again when they, or the configurations that they are about, change')
  .addHelpText('after', TEST_HELP)
  .action(async (files: string[], options: TestOptions) => {
    const { test } = await import('./commands/test.ts');
    process.exitCode = await test(files, options);
  });

program
  .command('components')
  .description('list all components that configurations can use')
  .addOption(
    new Option('--plugin <place>', 'also load a plugin, by path or package name').argParser(repeat).default([], 'none'),
  )
  .addOption(new Option('--json', 'print JSON').conflicts('markdown'))
  .option('--markdown', 'print their docs: settings and examples; only of the plugins named, if any')
  .option('--into <file>', 'write the docs between <!-- options --> and <!-- /options --> of a file')
  .action(async (options: ComponentsOptions) => {
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

program
  .command('replay')
  .description(
    'send dead letters again, and queue exports or telemetry files: at least once, going on where it stopped',
  )
  .argument('<source>', 'dead letter directory, directory of `queue export`, telemetry file or folder of them')
  .requiredOption('-t, --to <destination>', 'exporter of --config, or http://host:4318, grpc://host:4317')
  .addOption(
    new Option('-c, --config <source>', 'configuration that defines the exporter')
      .argParser(repeat)
      .default([], 'none'),
  )
  .addOption(new Option('-s, --set <key=value>', 'overrides one value of it').argParser(repeat).default([], 'none'))
  .option('-w, --where <condition>', 'only the records, spans and data points that an OTTL condition holds for')
  .option('-r, --rate <items/s>', 'at most so many items a second, such as 1000/s')
  .option('-n, --dry-run', 'count what would be sent, and send nothing')
  .option('--delete', 'delete each file of which everything was sent (not with --where)')
  .option('--again', 'send also what was sent there before')
  .option('--state <file>', 'where to note what was sent; beside the source by default')
  .option('-i, --identity <file>', 'file with the age identity (secret key) for encrypted files')
  .addOption(new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text'))
  .addHelpText('after', REPLAY_HELP)
  .action(async (source: string, options: ReplayOptions) => {
    if (options.delete === true && options.where !== undefined) {
      program.error('error: --delete cannot be combined with --where: what the condition leaves out would be lost');
    }
    const { replay } = await import('./commands/replay.ts');
    process.exitCode = await replay(source, options);
  });

addGenerate(program);
addControl(program);

const queue = program
  .command('queue')
  .description('look at stored queues (file_storage), and mend them')
  .addHelpText('after', QUEUE_HELP);

/** A command on a storage directory. */
function queueCommand(name: string, description: string): Command {
  return queue
    .command(name)
    .description(description)
    .addOption(
      new Option('-k, --key-file <file>', "the storage's encryption.key_file; several for earlier keys")
        .argParser(repeat)
        .default([], 'none'),
    )
    .addOption(new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text'));
}

queueCommand('ls', 'list the queues, and what is damaged')
  .argument('<dir...>', 'storage directories')
  .action(async (directories: string[], options: QueueOptions) => {
    const { listQueues } = await import('./commands/queue.ts');
    process.exitCode = await listQueues(directories, options);
  });

queueCommand('peek', 'print what waits, oldest first')
  .argument('<dir>', 'storage directory')
  .argument('[queue]', 'name of the queue as `ls` shows it; all by default')
  .addOption(new Option('--limit <requests>', 'most requests that are printed').argParser(Number).default(10))
  .action(async (directory: string, name: string | undefined, options: QueueOptions & { limit: number }) => {
    const { peekQueues } = await import('./commands/queue.ts');
    process.exitCode = await peekQueues(directory, { ...options, ...(name === undefined ? {} : { queue: name }) });
  });

queueCommand('export', 'write what waits to files, for `replay`; the queue keeps it')
  .argument('<dir>', 'storage directory')
  .argument('<to>', 'where the files go')
  .action(async (directory: string, to: string, options: QueueOptions) => {
    const { exportQueues } = await import('./commands/queue.ts');
    process.exitCode = await exportQueues(directory, to, options);
  });

queueCommand('repair', 'cut half-written ends, and put damaged parts aside, as the start of a collector does')
  .argument('<dir>', 'storage directory of a stopped collector')
  .action(async (directory: string, options: QueueOptions) => {
    const { repairQueues } = await import('./commands/queue.ts');
    process.exitCode = await repairQueues(directory, options);
  });

queueCommand('drop', 'give up what waits in a queue')
  .argument('<dir>', 'storage directory of a stopped collector')
  .argument('<queue>', 'name of the queue as `ls` shows it')
  .option('-y, --yes', 'really')
  .action(async (directory: string, name: string, options: QueueOptions & { yes?: boolean }) => {
    const { dropFromQueue } = await import('./commands/queue.ts');
    process.exitCode = await dropFromQueue(directory, { ...options, queue: name });
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
