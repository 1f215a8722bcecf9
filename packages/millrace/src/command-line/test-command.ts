import { type Command, Option } from 'commander';
import type { TestOptions } from '../commands/test.ts';

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

/** Declares `test`, which loads what it needs when it is called. */
export function addTestCommand(program: Command): void {
  program
    .command('test')
    .description('run tests of pipelines, without I/O and with a clock that only the tests advance')
    .argument(
      '[file...]',
      'files of tests, or folders that have some; by default this folder: every *.test.yaml below it',
    )
    .option('-t, --test-name-pattern <text>', 'only the tests whose names hold this text')
    .addOption(
      new Option('--reporter <name>', 'form of the result').choices(['pretty', 'json', 'junit']).default('pretty'),
    )
    .option('-w, --watch', 'run them again when they, or the configurations that they are about, change')
    .addHelpText('after', TEST_HELP)
    .action(async (files: string[], options: TestOptions) => {
      const { test } = await import('../commands/test.ts');
      process.exitCode = await test(files, options);
    });
}
