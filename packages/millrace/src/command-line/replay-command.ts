import type { Command } from 'commander';
import type { ReplayOptions } from '../commands/replay.ts';
import { configOption, outputOption, setOption } from './options.ts';

const REPLAY_HELP = `
Every entry is sent at least once. What the destination has is noted beside the source, so that the same command goes on
where it stopped; what it refuses for good stays, and is named. A file that a collector is writing to is read up to its end
and not deleted.

A request that the destination has not taken after --give-up-after ends the replay, at the latest when the exporter's
retry_on_failure.max_elapsed_time is over; 0 leaves it to that. The same command goes on later.

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

/** Declares `replay`, which loads what it needs when it is called. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description(
      'send dead letters again, and queue exports or telemetry files: at least once, going on where it stopped',
    )
    .argument('<source>', 'dead letter directory, directory of `queue export`, telemetry file or folder of them')
    .requiredOption('-t, --to <destination>', 'exporter of --config, or http://host:4318, grpc://host:4317')
    .addOption(configOption('configuration that defines the exporter'))
    .addOption(setOption('overrides one value of it'))
    .option('-w, --where <condition>', 'only the records, spans and data points that an OTTL condition holds for')
    .option('-r, --rate <items/s>', 'at most so many items a second, such as 1000/s')
    .option('--give-up-after <duration>', 'how long to try a request that is not taken', '30s')
    .option('-n, --dry-run', 'count what would be sent, and send nothing')
    .option('--delete', 'delete each file of which everything was sent (not with --where)')
    .option('--again', 'send also what was sent there before')
    .option('--state <file>', 'where to note what was sent; beside the source by default')
    .option('-i, --identity <file>', 'file with the age identity (secret key) for encrypted files')
    .addOption(outputOption())
    .addHelpText('after', REPLAY_HELP)
    .action(async (source: string, options: ReplayOptions) => {
      if (options.delete === true && options.where !== undefined) {
        program.error('error: --delete cannot be combined with --where: what the condition leaves out would be lost');
      }
      const { replay } = await import('../commands/replay.ts');
      process.exitCode = await replay(source, options);
    });
}
