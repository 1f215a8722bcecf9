import { type Command, Option } from 'commander';
import type { QueueOptions } from '../commands/queue.ts';
import { outputOption, repeat, whole } from './options.ts';

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

/** Declares the commands on stored queues; each loads what it needs when it is called. */
export function addQueueCommands(program: Command): void {
  const queue = program
    .command('queue')
    .description('look at stored queues (file_storage), and mend them')
    .addHelpText('after', QUEUE_HELP);
  queueCommand(queue, 'ls', 'list the queues, and what is damaged')
    .argument('<dir...>', 'storage directories')
    .action(async (directories: string[], options: QueueOptions) => {
      const { listQueues } = await import('../commands/queue.ts');
      process.exitCode = await listQueues(directories, options);
    });

  queueCommand(queue, 'peek', 'print what waits, oldest first')
    .argument('<dir>', 'storage directory')
    .argument('[queue]', 'name of the queue as `ls` shows it; all by default')
    .addOption(new Option('--limit <requests>', 'most requests that are printed').argParser(whole(0)).default(10))
    .action(async (directory: string, name: string | undefined, options: QueueOptions & { limit: number }) => {
      const { peekQueues } = await import('../commands/queue.ts');
      process.exitCode = await peekQueues(directory, { ...options, ...(name === undefined ? {} : { queue: name }) });
    });

  queueCommand(queue, 'export', 'write what waits to files, for `replay`; the queue keeps it')
    .argument('<dir>', 'storage directory')
    .argument('<to>', 'where the files go')
    .action(async (directory: string, to: string, options: QueueOptions) => {
      const { exportQueues } = await import('../commands/queue.ts');
      process.exitCode = await exportQueues(directory, to, options);
    });

  queueCommand(queue, 'repair', 'cut half-written ends, and put damaged parts aside, as the start of a collector does')
    .argument('<dir>', 'storage directory of a stopped collector')
    .action(async (directory: string, options: QueueOptions) => {
      const { repairQueues } = await import('../commands/queue.ts');
      process.exitCode = await repairQueues(directory, options);
    });

  queueCommand(queue, 'drop', 'give up what waits in a queue')
    .argument('<dir>', 'storage directory of a stopped collector')
    .argument('<queue>', 'name of the queue as `ls` shows it')
    .option('-y, --yes', 'really')
    .action(async (directory: string, name: string, options: QueueOptions & { yes?: boolean }) => {
      const { dropFromQueue } = await import('../commands/queue.ts');
      process.exitCode = await dropFromQueue(directory, { ...options, queue: name });
    });
}

/** A command on a storage directory. */
function queueCommand(queue: Command, name: string, description: string): Command {
  return queue
    .command(name)
    .description(description)
    .addOption(
      new Option('-k, --key-file <file>', "the storage's encryption.key_file; several for earlier keys")
        .argParser(repeat)
        .default([], 'none'),
    )
    .addOption(outputOption());
}
