import { PluginRegistry } from '../registry.ts';
import { paintFor } from '../display/paint.ts';

/** Lists every component, by kind. The result is the exit code. */
export async function listComponents(options: {
  readonly plugin: readonly string[];
  readonly json?: boolean;
}): Promise<number> {
  const entries = await (await registryWith(options.plugin)).all();
  const rows = entries.map(({ definition, origin }) => ({
    kind: definition.kind,
    type: definition.type,
    aliases: definition.aliases ?? [],
    stability: definition.stability,
    summary: definition.summary,
    origin,
  }));
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return 0;
  }
  const paint = paintFor(process.stdout);
  const width = Math.max(...rows.map(({ type }) => type.length));
  for (const kind of ['receiver', 'processor', 'exporter', 'connector', 'extension']) {
    process.stdout.write(`${paint.bold(`${kind}s`)}\n`);
    for (const row of rows.filter((each) => each.kind === kind)) {
      const aliases = row.aliases.length === 0 ? '' : paint.dim(` (also ${row.aliases.join(', ')})`);
      process.stdout.write(`  ${row.type.padEnd(width)}  ${row.summary}${aliases} ${paint.dim(row.stability)}\n`);
    }
  }
  return 0;
}

/** The registry with plugins that the command line names, relative to the working folder. */
export async function registryWith(plugins: readonly string[]): Promise<PluginRegistry> {
  const registry = new PluginRegistry();
  for (const plugin of plugins) await registry.load(plugin, process.cwd());
  return registry;
}
