import { type Command, Option } from 'commander';
import type { SinkOptions } from '../commands/generate/counting-sink.ts';
import type { GenerateOptions } from '../commands/generate/load-plan.ts';
import { outputOption, repeat, whole } from './options.ts';

const GENERATE_HELP = `
Requests are due at the times that --rate gives them, whatever became of those before, and latency counts from then: a
destination that stalls shows in the latencies of all that it made wait. With --rate unlimited each connection sends its
next request when the one before is answered. Without --duration and --total it sends until it is interrupted.

Exit codes:
  0  everything was acknowledged, and arrived as far as a sink was asked
  1  something was refused, failed, never sent, or lost; or the destination cannot be used
  2  the command line is wrong

Examples:
  millrace generate logs --to http://localhost:4318 --rate 5000/s --duration 30s
  millrace generate traces --to grpcs://gateway:4317 --ca ca.crt --header x-tenant=a --total 100000 --rate unlimited
  millrace generate sink --listen http://127.0.0.1:5318 --counts 127.0.0.1:5320
  millrace generate logs --to http://localhost:4318 --duration 1m --verify http://127.0.0.1:5320
`;

const SIGNALS = {
  logs: 'log records',
  traces: 'spans',
  metrics: 'data points',
} as const;

/** Declares `generate`, which loads what it needs when it is called. */
export function addGenerateCommands(program: Command): void {
  const group = program
    .command('generate')
    .description('send load to a collector, and count what arrives behind it')
    .addHelpText('after', GENERATE_HELP);
  for (const [signal, items] of Object.entries(SIGNALS) as [keyof typeof SIGNALS, string][]) {
    addSignal(group, signal, items);
  }
  group
    .command('sink')
    .description('take telemetry, count it, and tell the counts to `--verify`')
    .addOption(
      new Option('-l, --listen <url>', 'http(s)://host:port or grpc(s)://host:port; several')
        .argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value])
        .default(undefined, 'http://127.0.0.1:4318 and grpc://127.0.0.1:4317'),
    )
    .option('--counts <address>', 'where the counts can be asked for', '127.0.0.1:4320')
    .option('--cert <file>', 'certificate, for https and grpcs')
    .option('--key <file>', 'its private key')
    .addOption(outputOption())
    .action(async (options: Partial<SinkOptions> & { counts: string; output?: string }) => {
      const { generateSink } = await import('../commands/generate.ts');
      const listen = options.listen ?? ['http://127.0.0.1:4318', 'grpc://127.0.0.1:4317'];
      process.exitCode = await generateSink({ ...options, listen });
    });
}

function addSignal(group: Command, signal: keyof typeof SIGNALS, items: string): void {
  group
    .command(signal)
    .description(`send ${items}`)
    .requiredOption('-t, --to <url>', 'http(s)://host:4318 (OTLP/HTTP) or grpc(s)://host:4317 (OTLP/gRPC)')
    .option('-r, --rate <items/s>', `${items} a second, such as 1000/s, or unlimited`, '1000/s')
    .option('-d, --duration <time>', 'for how long, such as 30s')
    .addOption(new Option('-n, --total <items>', `how many ${items}`).argParser(whole(1)))
    .addOption(new Option('--batch <items>', `${items} of a request`).argParser(whole(1)).default(100))
    .addOption(
      new Option('--connections <number>', 'connections, each with one request at a time')
        .argParser(whole(1))
        .default(4),
    )
    .addOption(new Option('--compression <codec>', 'of requests').choices(['none', 'gzip', 'zstd']).default('none'))
    .addOption(
      new Option('--shape <name>', 'about 100 B, 300 B, 2 kB, or values within values')
        .choices(['small', 'typical', 'fat', 'deep'])
        .default('typical'),
    )
    .addOption(
      new Option('--size <bytes>', 'of a body (logs), or of the message of an event of a span').argParser(whole(0)),
    )
    .addOption(new Option('--attributes <number>', `of each of the ${items}`).argParser(whole(0)))
    .addOption(new Option('--distinct <number>', 'different values that an id or address takes').argParser(whole(1)))
    .addOption(new Option('--seed <number>', 'the same seed, the same content').argParser(whole(0)).default(1))
    .option('--timeout <time>', 'an answer that takes longer is none', '10s')
    .option('--retry', 'send again what is refused for now, until it is taken')
    .option('--ca <file>', 'certificates of the authorities that are trusted')
    .option('--cert <file>', 'certificate of the client')
    .option('--key <file>', 'its private key')
    .option('--insecure', "accept the server's certificate unchecked")
    .addOption(new Option('-H, --header <name=value>', 'sent with each request').argParser(repeat).default([], 'none'))
    .option('--verify <url>', 'compare with what arrived at a `generate sink`, by its counts')
    .option('--settle <time>', 'nothing more is on its way when nothing has arrived for so long', '5s')
    .addOption(outputOption())
    .action(async (options: GenerateOptions) => {
      const { generate } = await import('../commands/generate.ts');
      process.exitCode = await generate(signal, options);
    });
}
