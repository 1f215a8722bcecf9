import { readFileSync, writeFileSync } from 'node:fs';
import { ComponentError, type Kind, messageOf } from '@millrace/api';
import { componentMarkdown } from '../display/component-markdown.ts';
import { paintFor } from '../display/paint.ts';
import { PluginRegistry } from '../registry.ts';

/** What `millrace components` is told. */
export interface ComponentsOptions {
  readonly plugin: readonly string[];
  readonly json?: boolean;
  /** Prints the docs of the components: of the plugins that are named, else of all. */
  readonly markdown?: boolean;
  /** With `markdown`: a file whose part between two marks is replaced instead. */
  readonly into?: string;
}

type Entries = Awaited<ReturnType<PluginRegistry['all']>>;

const KINDS: readonly Kind[] = ['receiver', 'processor', 'exporter', 'connector', 'extension'];

/** Lists every component, by kind, or documents them. The result is the exit code. */
export async function listComponents(options: ComponentsOptions): Promise<number> {
  try {
    const entries = await (await registryWith(options.plugin)).all();
    if (options.markdown === true || options.into !== undefined) document(entries, options);
    else if (options.json === true) process.stdout.write(`${JSON.stringify(rowsOf(entries), undefined, 2)}\n`);
    else list(entries);
    return 0;
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error;
    process.stderr.write(`error: ${error.message}${error.remedy === undefined ? '' : `; ${error.remedy}`}\n`);
    return 1;
  }
}

function rowsOf(entries: Entries) {
  return entries.map(({ definition, origin }) => ({
    kind: definition.kind,
    type: definition.type,
    aliases: definition.aliases ?? [],
    stability: definition.stability,
    summary: definition.summary,
    origin,
  }));
}

function list(entries: Entries): void {
  const rows = rowsOf(entries);
  const paint = paintFor(process.stdout);
  const width = Math.max(...rows.map(({ type }) => type.length));
  for (const kind of KINDS) {
    process.stdout.write(`${paint.bold(`${kind}s`)}\n`);
    for (const row of rows.filter((each) => each.kind === kind)) {
      const aliases = row.aliases.length === 0 ? '' : paint.dim(` (also ${row.aliases.join(', ')})`);
      process.stdout.write(`  ${row.type.padEnd(width)}  ${row.summary}${aliases} ${paint.dim(row.stability)}\n`);
    }
  }
}

function document(entries: Entries, { plugin, into }: ComponentsOptions): void {
  const wanted = plugin.length === 0 ? entries : entries.filter(({ origin }) => plugin.includes(origin));
  const depth = into === undefined ? 2 : 3;
  const text = wanted.map(({ definition }) => componentMarkdown(definition, depth)).join('\n\n');
  if (into === undefined) process.stdout.write(`${text}\n`);
  else replaceOptions(into, text);
}

/** From a comment that begins with `options` up to one that says `/options`. */
const OPTIONS = /(<!-- options\b[^\n]*-->\n)[\s\S]*?(<!-- \/options -->)/;

function replaceOptions(file: string, text: string): void {
  const before = readText(file);
  if (!OPTIONS.test(before)) {
    throw new ComponentError(`${file} has no place for the options`, {
      code: 'NO_MARKS',
      remedy: 'put the lines <!-- options --> and <!-- /options --> where they belong',
    });
  }
  writeFileSync(
    file,
    before.replace(OPTIONS, (_match, start: string, end: string) => `${start}\n${text}\n\n${end}`),
  );
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ComponentError(`cannot read ${file}: ${messageOf(error)}`, { code: 'UNREADABLE', cause: error });
  }
}

/** The registry with plugins that the command line names, relative to the working folder. */
export async function registryWith(plugins: readonly string[]): Promise<PluginRegistry> {
  const registry = new PluginRegistry();
  for (const plugin of plugins) await registry.load(plugin, process.cwd());
  return registry;
}
