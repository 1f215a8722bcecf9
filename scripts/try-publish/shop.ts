import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { command } from './command.ts';

const PIPELINE = `
receivers: { demo: { items_per_second: 100 } }
processors:
  attributes: { actions: [{ key: tried.by, value: a customer, action: insert }] }
exporters: { debug: { verbosity: detailed } }
service:
  workers: { threads: 1 }
  telemetry: { metrics: { level: none } }
  pipelines: { logs: { receivers: [demo], processors: [attributes], exporters: [debug] } }
`;

const PROGRAM = `
import { Collector } from 'millrace';
const collector = await Collector.start({ config: 'pipeline.yaml' });
await collector.shutdown();
console.log('embedded');
`;

/** Somebody's folder, in which Millrace is installed like any other package. */
export class Shop {
  readonly #folder: string;
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(root: string, folder: string) {
    this.#root = root;
    this.#folder = folder;
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_') && name !== 'INIT_CWD');
    const node = path.join(root, 'node_modules/node/bin');
    const PATH = [node, process.env['PATH']?.split(':').filter((each) => !each.startsWith(root))].flat().join(':');
    this.#env = { ...Object.fromEntries(inherited), PATH };
  }

  async install(tarballs: ReadonlyMap<string, string>): Promise<void> {
    const places = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
    const tools = this.#toolVersions('vitest', 'typescript', '@types/node');
    const wanted = ['millrace', '@millrace/api', '@millrace/otlp', '@millrace/testkit', 'create-millrace-plugin'];
    const own = Object.fromEntries(wanted.map((name) => [name, places[name]]));
    const overrides = Object.fromEntries(Object.entries(places).filter(([name]) => !wanted.includes(name)));
    this.#write(
      'package.json',
      JSON.stringify({ private: true, type: 'module', dependencies: { ...own, ...tools }, overrides }),
    );
    this.#write('pipeline.yaml', PIPELINE);
    await this.#run('npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts');
  }

  async validates(): Promise<void> {
    this.#expect(await this.#run('npx', 'millrace', 'validate', '--config', 'pipeline.yaml'), 'valid: 1 pipeline');
  }

  /** Starts a collector, waits for what only a worker can have done, and stops it. */
  async runs(): Promise<void> {
    const bin = 'node_modules/.bin/millrace';
    const child = spawn(bin, ['--config', 'pipeline.yaml'], { cwd: this.#folder, env: this.#env });
    const ended = once(child, 'close') as Promise<[number | null]>;
    let output = '';
    for await (const line of createInterface({ input: child.stderr })) {
      output += `${line}\n`;
      if (line.includes('a customer')) break;
    }
    child.stderr.resume();
    child.kill('SIGTERM');
    const [code] = await ended;
    if (code !== 0) throw new Error(`the collector ended with ${code}:\n${output}`);
    this.#expect(output, 'a customer');
  }

  async embeds(): Promise<void> {
    this.#write('program.ts', PROGRAM);
    this.#expect(await this.#run('node', 'program.ts'), 'embedded');
  }

  async makesPlugin(): Promise<void> {
    await this.#run('npx', 'create-millrace-plugin', '--kind', 'processor', '--name', 'mine');
    const here = { cwd: path.join(this.#folder, 'mine'), env: this.#env };
    this.#expect(await command('npm', ['test'], here), ' passed');
    await command('npm', ['run', 'build'], here);
    this.#expect(
      await command('npx', ['millrace', 'validate', '--config', 'pipeline.yaml'], here),
      'valid: 2 pipelines',
    );
    const compiled = await command('npx', ['millrace', 'components', '--plugin', './dist/index.js'], here);
    this.#expect(compiled, 'Sets an attribute of every log record and span.');
  }

  #run(program: string, ...args: readonly string[]): Promise<string> {
    return command(program, args, { cwd: this.#folder, env: this.#env });
  }

  #write(file: string, text: string): void {
    fs.mkdirSync(this.#folder, { recursive: true });
    fs.writeFileSync(path.join(this.#folder, file), text);
  }

  /** Those of this checkout. */
  #toolVersions(...names: readonly string[]): Record<string, string> {
    const versionOf = (name: string) => {
      const text = fs.readFileSync(path.join(this.#root, 'node_modules', name, 'package.json'), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    };
    return Object.fromEntries(names.map((name) => [name, versionOf(name)]));
  }

  #expect(output: string, part: string): void {
    if (!output.includes(part)) throw new Error(`"${part}" is not in:\n${output}`);
  }
}
