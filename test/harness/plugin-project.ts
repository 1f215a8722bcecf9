import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { buildPackages } from '../../scripts/build/build-packages.ts';
import { linkPackages } from '../../scripts/create-plugin/link-packages.ts';
import { type Exit, Program, REPOSITORY } from './millrace.ts';

/** Compiles our packages, where they have changed, for the plugins of a test file. */
export async function buildForPlugins(): Promise<string> {
  const { folder, errors } = await buildPackages(REPOSITORY, { types: false, ifChanged: true });
  if (errors !== '') throw new Error(errors);
  return folder;
}

export interface Outcome extends Exit {
  readonly output: string;
}

export interface PipelineRun {
  /** Overrides of the configuration, as `--set` takes them. */
  readonly settings?: readonly string[];
  /** Done when the collector is ready. */
  readonly meanwhile?: (() => Promise<unknown> | undefined) | undefined;
}

/** A plugin in a folder of its own outside of the checkout, as its author has it. */
export class PluginProject {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** One of nothing but these files, with `node_modules` as `npm install` would make it. */
  static of(folder: string, files: Readonly<Record<string, string>>): PluginProject {
    const project = new PluginProject(folder);
    for (const [file, text] of Object.entries(files)) project.write(file, text);
    linkPackages(REPOSITORY, folder);
    return project;
  }

  read(file: string): string {
    return readFileSync(path.join(this.folder, file), 'utf8');
  }

  write(file: string, text: string): void {
    const place = path.join(this.folder, file);
    mkdirSync(path.dirname(place), { recursive: true });
    writeFileSync(place, text);
  }

  /** Runs a command there to its end. */
  async run(...command: readonly string[]): Promise<Outcome> {
    const program = this.start(...command);
    return { ...(await program.exited), output: program.output };
  }

  /** Runs its pipeline until it writes what matches, then stops it as Ctrl-C does. */
  async runPipeline(pattern: RegExp, { settings = [], meanwhile }: PipelineRun = {}): Promise<Outcome> {
    const all = ['service.telemetry.metrics.level=none', ...settings];
    const program = this.start('millrace', '--config', 'pipeline.yaml', ...all.flatMap((each) => ['--set', each]));
    await program.logged('ready');
    await meanwhile?.();
    await program.stderr.find((line) => pattern.test(line));
    return { ...(await program.stop('SIGINT')), output: program.output };
  }

  /** Starts a command there, with the programs of its `node_modules`, as npm's scripts are run. */
  start(...command: readonly string[]): Program {
    const PATH = `${path.join(this.folder, 'node_modules/.bin')}:${process.env['PATH']}`;
    const env = { PATH, npm_config_update_notifier: 'false', FORCE_COLOR: '0' };
    return new Program([], { command, cwd: this.folder, env });
  }
}

/** A port on which nobody listens at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}
