import path from 'node:path';
import { parseArgs } from 'node:util';
import { ask } from './ask.ts';
import { CreateError } from './create-error.ts';
import { createPlugin, type CreatedPlugin, type PluginRequest } from './create-plugin.ts';
import { KINDS, parseKind } from './plugin-kind.ts';

const HELP = `
Makes a Millrace plugin: a component in TypeScript, its tests, its docs, and a pipeline to try it in.

Usage: npm create millrace-plugin -- [--kind KIND] [--name NAME] [--dir FOLDER]

  --kind   ${Object.entries(KINDS)
    .map(([kind, what]) => `${kind.padEnd(10)} ${what}`)
    .join('\n           ')}
  --name   name of the npm package, such as millrace-geoip or @acme/geoip; the component is called by its last part
  --dir    where the files go; by default a new folder with that name

On a terminal, it asks for what is missing.

Exit codes:
  0  done
  1  the folder is not empty, or cannot be written
  2  the command line is wrong
`;

export interface MainOptions {
  /** Where relative folders begin. */
  readonly cwd?: string;
  /** Makes the plugin's dependencies available without `npm install`; then that is not asked for. */
  readonly install?: (plugin: CreatedPlugin) => Promise<void>;
}

/** The command line. The result is the exit code. */
export async function main(
  args: readonly string[],
  { cwd = process.cwd(), install }: MainOptions = {},
): Promise<number> {
  try {
    const request = await requestOf(args);
    if (request === 'help') {
      process.stdout.write(HELP.trimStart());
      return 0;
    }
    const plugin = createPlugin({ ...request, cwd });
    await install?.(plugin);
    process.stdout.write(whatNext(request, plugin, { cwd, installed: install !== undefined }));
    return 0;
  } catch (error) {
    if (!isExpected(error)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    return error instanceof CreateError && error.code !== 'FOLDER' ? 2 : isUsage(error) ? 2 : 1;
  }
}

async function requestOf(args: readonly string[]): Promise<PluginRequest | 'help'> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kind: { type: 'string' },
      name: { type: 'string' },
      dir: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const { kind, name } = await ask(values);
  return { kind: parseKind(kind), name, ...(values.dir === undefined ? {} : { dir: values.dir }) };
}

function whatNext(
  { kind }: PluginRequest,
  { path: target, type, files }: CreatedPlugin,
  { cwd, installed }: { readonly cwd: string; readonly installed: boolean },
): string {
  const steps = [
    ...(target === cwd ? [] : [`cd ${path.relative(cwd, target)}`]),
    ...(installed ? [] : ['npm install']),
    'npm test     # the promises of a component, and what is particular to this one',
    'npm start    # runs pipeline.yaml until Ctrl-C',
    'npm run dev  # the same, and what is saved runs within a second',
  ];
  return `Made the ${kind} "${type}": ${files.join(', ')}\n\n${steps.map((step) => `  ${step}\n`).join('')}`;
}

function isUsage(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true;
}

/** Faults of the command line or of the file system, not of this program. */
function isExpected(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return error instanceof CreateError || isUsage(error) || typeof (error as NodeJS.ErrnoException).syscall === 'string';
}
