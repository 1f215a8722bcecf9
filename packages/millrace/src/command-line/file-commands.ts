import type { Command } from 'commander';

/** Declares the commands for files that were written, and their keys; each loads what it needs when it is called. */
export function addFileCommands(program: Command): void {
  program
    .command('cat')
    .description('print the records of files that the file exporter wrote, rotated ones too')
    .argument('<file...>', 'files, or the name that the exporter was given')
    .option('-i, --identity <file>', 'file with the age identity (secret key) for encrypted files')
    .option('--json', 'print the records as JSON lines')
    .action(async (files: string[], options: { identity?: string; json?: boolean }) => {
      const { cat } = await import('../commands/cat.ts');
      process.exitCode = await cat(files, options);
    });

  program
    .command('keygen')
    .description('make an age key pair: FILE (secret, mode 0600) and FILE.pub')
    .argument('<file>', 'where the secret key goes')
    .option('--if-missing', 'do nothing where the file exists')
    .action(async (file: string, options: { ifMissing?: boolean }) => {
      const { keygen } = await import('../commands/keygen.ts');
      process.exitCode = await keygen(file, options);
    });
}
