import type { Signal } from '@millrace/api';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { untilSignal } from '../commands/until-signal.ts';
import { outputOption, repeat, whole } from './options.ts';

const TAP_HELP = `
Without a name it shows what all receivers hand in. A name is a component ("batch"; "exporter:otlp" where a receiver has the
same id; "logs:batch" in one pipeline), a pipeline ("logs"), or the edge between two neighbours ("otlp->batch"). Whoever
may tap sees the data as it is, personal data too; secrets of the configuration are never in it.

Exit codes:
  0  done: the limit is reached, or interrupted
  1  no collector, nothing with this name, or the collector ended
  2  the command line is wrong

Examples:
  millrace tap
  millrace tap attributes --diff --limit 20
  millrace tap 'batch->otlp' --where 'severity_number >= SEVERITY_NUMBER_ERROR'
  millrace tap exporter:otlp --signal traces -o json | jq .resourceSpans
`;

const TOP_HELP = `
Keys:
  up, down, k, j  select      enter, t  tap the selected component (q or Ctrl+C comes back)
  s               sort        q, Ctrl+C quit

Where the output is no terminal, and with --once, it prints one frame: rates are those of one second.
`;

const RELOAD_HELP = `
The new configuration is built beside the running one: what is the same in both goes on, with its connections and queues.
If anything fails, the old one stays in effect, untouched.

Exit codes:
  0  the configuration is in effect; with --check: it can be taken up
  1  it has errors, something cannot be started, or only a restart can bring it about
  2  the command line is wrong
`;

interface Which {
  socket?: string;
  pid?: number;
}

/** Declares the commands that talk to a running collector; each loads what it needs when it is called. */
export function addControlCommands(program: Command): void {
  addTap(program);
  addTop(program);
  addReload(program);
}

function addTap(program: Command): void {
  const command = program
    .command('tap')
    .description('show live telemetry of a running collector, before and after any component')
    .argument('[component|edge]', 'where to look; all receivers by default')
    .option('-w, --where <condition>', 'only records, spans and data points that an OTTL condition holds for')
    .addOption(new Option('-l, --limit <records>', 'stop after so many').argParser(whole(1)))
    .addOption(new Option('-o, --output <form>', 'form of the records').choices(['pretty', 'json']).default('pretty'))
    .addOption(new Option('--before', 'what comes to the component').conflicts(['after', 'diff']))
    .addOption(new Option('--after', 'what leaves it (the default where that can be seen)').conflicts('diff'))
    .option('--diff', 'what a processor changed, added and dropped')
    .addOption(
      new Option('--signal <signal>', 'logs, traces, metrics or profiles; may be repeated')
        .argParser((value: string, before: readonly string[]) => repeat(signal(value), before))
        .default([], 'all'),
    )
    .addOption(new Option('--sample <n>', 'look at every n-th batch').argParser(whole(1)).default(1));
  withCollector(command)
    .addHelpText('after', TAP_HELP)
    .action(async (name: string | undefined, options: TapFlags) => {
      const { tap } = await import('../commands/tap.ts');
      const { before, after, diff = false, ...rest } = options;
      const side = before === true ? 'before' : after === true ? 'after' : undefined;
      const { stdout, stderr } = process;
      const around = { stdout, stderr, interrupted: untilSignal('SIGINT', 'SIGTERM', 'SIGHUP') };
      process.exitCode = await tap(name, { ...rest, diff, ...(side === undefined ? {} : { side }) }, around);
    });
}

interface TapFlags extends Which {
  where?: string;
  limit?: number;
  output: 'pretty' | 'json';
  before?: boolean;
  after?: boolean;
  diff?: boolean;
  signal: readonly Signal[];
  sample: number;
}

function addTop(program: Command): void {
  const command = program
    .command('top')
    .description('show what flows through a running collector, live: rates, errors, queues, latency, CPU')
    .option('--once', 'print one frame and end')
    .addOption(new Option('-o, --output <form>', 'form of a frame').choices(['text', 'json']).default('text'));
  withCollector(command)
    .addHelpText('after', TOP_HELP)
    .action(async (options: Which & { once?: boolean; output: 'text' | 'json' }) => {
      const { top } = await import('../commands/top.ts');
      process.exitCode = await top({ ...options, once: options.once === true });
    });
}

function addReload(program: Command): void {
  const command = program
    .command('reload')
    .description('have a running collector take up its changed configuration, as SIGHUP does')
    .option('--check', 'only say whether it could')
    .addOption(outputOption());
  withCollector(command)
    .addHelpText('after', RELOAD_HELP)
    .action(async (options: Which & { check?: boolean; output: 'text' | 'json' }) => {
      const { reload } = await import('../commands/reload.ts');
      process.exitCode = await reload({ ...options, check: options.check === true });
    });
}

/** How the collector is found where several run. */
function withCollector(command: Command): Command {
  return command
    .addOption(new Option('--pid <pid>', 'the collector with this process id').argParser(whole(1)).conflicts('socket'))
    .option('--socket <path>', 'the collector with this control socket');
}

function signal(text: string): string {
  if (['logs', 'traces', 'metrics', 'profiles'].includes(text)) return text;
  throw new InvalidArgumentError('It is none of logs, traces, metrics, profiles.');
}
