import { isBuiltin } from 'node:module';
import takenTypes from '../templates/taken-types.json' with { type: 'json' };
import { CreateError } from './create-error.ts';
import type { PluginKind } from './plugin-kind.ts';

/** npm's limit (https://docs.npmjs.com/cli/configuring-npm/package-json#name). */
const CHARACTERS_MAX = 214;
const PART = /^[a-z0-9][a-z0-9._~-]*$/;
const RESERVED = new Set(['node_modules', 'favicon.ico']);
/** The rule for the type of a component, as in the Collector. */
const TYPE = /^[a-z][0-9a-z_]{0,62}$/;

/** The names that follow from what the user typed. */
export interface PluginName {
  /** Of the npm package: `@acme/millrace-geo-ip`. */
  readonly packageName: string;
  /** Of the component in configurations: `geo_ip`. */
  readonly type: string;
  /** Of the folder, where none is asked for: `millrace-geo-ip`. */
  readonly folder: string;
}

/** @throws {CreateError} for what npm would not take, or no component type can be made of. */
export function parseName(text: string, kind: PluginKind): PluginName {
  const problem = problemOf(text);
  if (problem !== undefined)
    throw new CreateError('NAME', `"${text}" cannot be the name of an npm package: ${problem}`);
  const folder = text.slice(text.indexOf('/') + 1);
  const type = folder
    .replace(/^millrace-/, '')
    .replace(new RegExp(`^${kind}-|-${kind}$`), '')
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/_$/, '');
  const taken: Readonly<Record<PluginKind, readonly string[]>> = takenTypes;
  if (taken[kind].includes(type)) {
    throw new CreateError(
      'NAME',
      `"${text}" gives the type "${type}", which is taken by one of Millrace's own ${kind}s; choose another name`,
    );
  }
  if (TYPE.test(type)) return { packageName: text, type, folder };
  throw new CreateError(
    'NAME',
    `"${text}" gives the component type "${type}", which must begin with a letter and have at most 63 letters, digits and _; choose another name`,
  );
}

function problemOf(text: string): string | undefined {
  if (text === '') return 'it is empty';
  if (text.length > CHARACTERS_MAX) return `it has more than ${CHARACTERS_MAX} characters`;
  if (text !== text.toLowerCase()) return 'it has capital letters';
  const parts = /^@([^/]+)\/([^/]+)$/.exec(text)?.slice(1) ?? [text];
  if (parts.some((part) => !PART.test(part))) {
    return 'use letters, digits, - . _ ~, beginning with a letter or digit, after a scope (@acme/) if you like';
  }
  if (RESERVED.has(text) || isBuiltin(text)) return 'npm or Node uses it for something else';
  return undefined;
}
