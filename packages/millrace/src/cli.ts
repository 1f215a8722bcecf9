import { Command } from 'commander';
import { addConfigCommands } from './command-line/config-commands.ts';
import { addControlCommands } from './command-line/control-commands.ts';
import { addFileCommands } from './command-line/file-commands.ts';
import { addGenerateCommands } from './command-line/generate-commands.ts';
import { addPluginCommands } from './command-line/plugin-commands.ts';
import { addQueueCommands } from './command-line/queue-commands.ts';
import { addReplayCommand } from './command-line/replay-command.ts';
import { addTestCommand } from './command-line/test-command.ts';
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

// A reader that went away (`| head`, a closed terminal) is no error of ours; what is written then is lost, nothing else.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

const program = new Command('millrace')
  .description(
    'Collects, transforms, protects and delivers logs, traces and metrics, as OpenTelemetry Collector configurations say.',
  )
  .version(version)
  .addHelpText('after', EXIT_CODES)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

// In the order in which --help lists them.
addConfigCommands(program);
addTestCommand(program);
addPluginCommands(program);
addFileCommands(program);
addReplayCommand(program);
addGenerateCommands(program);
addControlCommands(program);
addQueueCommands(program);

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
