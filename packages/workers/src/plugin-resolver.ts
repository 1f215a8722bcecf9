import { registerHooks } from 'node:module';
import type { ResolveFnOutput, ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';
import { childUrl, withoutVersion } from './plugin-files.ts';

type NextResolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput;

/** What a plugin may import of ours, wherever it lies. */
const OURS = /^@millrace\/(?:api|otlp|transport|codec|testkit)(?:\/|$)/;

/** Asks the hook for an ordinary resolution from a given place; Node has no public call for it. */
const FROM = 'millrace-from:';

let installed = false;

/**
 * Makes `@millrace/api` and its neighbours importable from any file on disk, in this thread, and always as the copy
 * that the collector itself runs on: two copies would disagree about what a DeliveryError is. Calling it again does
 * nothing.
 */
export function installPluginResolver(): void {
  if (installed) return;
  installed = true;
  registerHooks({ resolve });
}

/** URL of the package `name` as seen from `baseUrl`. @throws Node's resolution errors. */
export function resolveFrom(name: string, baseUrl: string): string {
  installPluginResolver();
  return import.meta.resolve(`${FROM}?${new URLSearchParams({ name, baseUrl }).toString()}`);
}

function resolve(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
  if (specifier.startsWith(FROM)) {
    const query = new URL(specifier).searchParams;
    return next(query.get('name') ?? '', { ...context, parentURL: query.get('baseUrl') ?? undefined });
  }
  if (OURS.test(specifier)) return resolveOurs(specifier, context, next);
  if (!/^\.{1,2}\//.test(specifier)) return asModule(next(specifier, context));
  return resolveRelative(specifier, context, next);
}

/** What a plugin imports by a relative path is a part of it. */
function resolveRelative(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
  const { parentURL } = context;
  try {
    const resolved = asModule(next(specifier, context));
    return { ...resolved, url: childUrl(parentURL, resolved.url) };
  } catch (error) {
    // It may be there later, and then makes a difference.
    if (parentURL?.startsWith('file:') === true)
      childUrl(parentURL, new URL(specifier, withoutVersion(parentURL)[0]).href);
    throw error;
  }
}

function resolveOurs(specifier: string, context: ResolveHookContext, next: NextResolve): ResolveFnOutput {
  try {
    return next(specifier, { ...context, parentURL: import.meta.url });
  } catch {
    // Not installed beside us (testkit, say): then it is an ordinary package of the plugin's.
    return next(specifier, context);
  }
}

/** A lone .ts file has no package.json that calls it a module; without this, Node would parse it twice and warn. */
function asModule(resolved: ResolveFnOutput): ResolveFnOutput {
  const typeless = resolved.format === undefined || resolved.format === null;
  if (!typeless || !resolved.url.startsWith('file:') || !new URL(resolved.url).pathname.endsWith('.ts'))
    return resolved;
  if (fileURLToPath(resolved.url).endsWith('.d.ts')) return resolved;
  return { ...resolved, format: 'module-typescript' };
}
