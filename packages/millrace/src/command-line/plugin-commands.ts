import { type Command, Option } from 'commander';
import type { ComponentsOptions } from '../commands/components.ts';
import { pluginOption } from './options.ts';

/** Declares the commands that tell what components there are; each loads what it needs when it is called. */
export function addPluginCommands(program: Command): void {
  program
    .command('components')
    .description('list all components that configurations can use')
    .addOption(pluginOption())
    .addOption(new Option('--json', 'print JSON').conflicts('markdown'))
    .option('--markdown', 'print their docs: settings and examples; only of the plugins named, if any')
    .option('--into <file>', 'write the docs between <!-- options --> and <!-- /options --> of a file')
    .action(async (options: ComponentsOptions) => {
      const { listComponents } = await import('../commands/components.ts');
      process.exitCode = await listComponents(options);
    });

  program
    .command('schema')
    .description('print the JSON Schema of configuration files, for editors')
    .addOption(pluginOption())
    .action(async (options: { plugin: readonly string[] }) => {
      const { printSchema } = await import('../commands/schema.ts');
      process.exitCode = await printSchema(options);
    });
}
