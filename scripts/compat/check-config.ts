import path from 'node:path';
import { messageOf } from '@millrace/api';
import { ConfigErrors, loadConfig, type ConfigProblem, type ResolvedConfig } from '@millrace/config';
import type { Registry } from '@millrace/config';
import { Collector, createLogger } from '@millrace/engine';
import type { FoundConfig } from './find-configs.ts';
import { placeholderFor, unsetVariables } from './placeholders.ts';

/** One thing that keeps a configuration from running. */
export interface Obstacle {
  readonly kind: 'unknown component' | 'unsupported key' | 'error';
  /** What is wanted, the same for every configuration that wants it: `receiver jaeger`, `exporters.otlp: balancer_name`. */
  readonly subject: string;
  readonly location: string;
  readonly message: string;
}

export interface Verdict {
  readonly name: string;
  /** Empty where it runs unchanged. */
  readonly obstacles: readonly Obstacle[];
  /** Keys that are accepted and do nothing here, and other things to look at. */
  readonly warnings: readonly string[];
}

/** Warnings that say nothing about compatibility: the Collector ignores unused components, and nothing is set here. */
const USUAL_WARNINGS = new Set(['UNUSED', 'ENV_UNSET']);

/** Loads a configuration as `millrace validate` does, with stand-ins for what only exists where it runs. */
export async function checkConfig(config: FoundConfig, registry: Registry): Promise<Verdict> {
  const unset = unsetVariables(config.text);
  const file = path.resolve(config.file);
  try {
    const { config: resolved, warnings } = await loadConfig([file], {
      registry,
      env: Object.fromEntries([...unset].map((name) => [name, placeholderFor(name)])),
      // Whatever files it refers to are where it runs, not here.
      readFile: (name) => Promise.resolve(name === file ? config.text : 'stand-in'),
      fetch: () => Promise.resolve(new Response('stand-in')),
    });
    const obstacles = await obstaclesOfBuilding(resolved);
    return { name: config.name, obstacles, warnings: warnings.filter(isUnusual).map(describe) };
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    const obstacles = error.errors.filter((problem) => !isOfStandIn(problem, unset)).map(obstacleOf);
    return { name: config.name, obstacles, warnings: error.warnings.filter(isUnusual).map(describe) };
  }
}

/** Some faults show only when components are put together: one that cannot work on the signal of its pipeline. */
async function obstaclesOfBuilding(config: ResolvedConfig): Promise<Obstacle[]> {
  const service = { ...config.service, workers: { ...config.service.workers, threads: 0 } };
  const logger = createLogger({ level: 'error', encoding: 'json', fields: {}, now: Date.now, write: () => undefined });
  try {
    const collector = await Collector.build({ config: { ...config, service }, logger, version: '' });
    await collector.shutdown();
    return [];
  } catch (error) {
    return [{ kind: 'error', subject: 'service: BUILD', location: '', message: messageOf(error) }];
  }
}

function isUnusual({ code }: ConfigProblem): boolean {
  return !USUAL_WARNINGS.has(code);
}

/** Whether a value is faulty because it is a stand-in: a number or a name out of a list cannot be guessed. */
function isOfStandIn({ origin }: ConfigProblem, unset: ReadonlySet<string>): boolean {
  const via = origin.via ?? '';
  return via.startsWith('env:') ? unset.has(via.slice('env:'.length)) : via !== '';
}

function obstacleOf(problem: ConfigProblem): Obstacle {
  const { code, location, message, where } = problem;
  const [section = '', id = ''] = where.split('.');
  const type = id.split(/[/[]/, 1)[0];
  const at = { location, message: describe(problem) };
  switch (code) {
    case 'UNKNOWN_TYPE':
      return { kind: 'unknown component', subject: `${section.replace(/s$/, '')} ${type}`, ...at };
    case 'UNKNOWN_KEY':
    case 'UNKNOWN_SECTION':
    case 'UNSUPPORTED_KEY':
      return { kind: 'unsupported key', subject: keySubject(where, message), ...at };
    default:
      return { kind: 'error', subject: `${section}.${type}: ${code}`, ...at };
  }
}

/** Without names of components and places in lists, so that the same key of two configurations is one. */
function keySubject(where: string, message: string): string {
  const key = /"(.*)"/.exec(message)?.[1] ?? '';
  const place = where.replace(/\[\d+\]/g, '[]').replace(/^(\w+\.[\w]+)\/[^.]*/, '$1');
  return place.endsWith(key) ? place : `${place}.${key}`;
}

function describe({ where, message, remedy }: ConfigProblem): string {
  return [where, message, remedy].filter((part) => part !== undefined && part !== '').join('  ');
}
