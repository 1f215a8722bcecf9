import fs from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Packages whose types people import. */
const PUBLIC = new Set(['@millrace/api', '@millrace/otlp', '@millrace/transport', '@millrace/testkit', 'millrace']);
/** A module for Node 24: what only resolvers of before complain of is as it should be. */
const EXPECTED = new Set(['CJSResolvesToESM', 'NoResolution']);

/** @throws Error that names what publint or attw find. */
export async function lintTarballs(tarballs: ReadonlyMap<string, string>): Promise<void> {
  const problems: string[] = [];
  for (const [name, file] of tarballs) {
    const bytes = Uint8Array.from(fs.readFileSync(file));
    const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, level: 'suggestion', strict: true });
    problems.push(...messages.map((message) => `${name}: ${formatMessage(message, pkg ?? {}) ?? message.code}`));
    if (PUBLIC.has(name)) problems.push(...(await typeProblems(bytes)).map((problem) => `${name}: ${problem}`));
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

async function typeProblems(tarball: Uint8Array): Promise<string[]> {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (analysis.types === false) return ['it has no types'];
  return analysis.problems.filter(({ kind }) => !EXPECTED.has(kind)).map((problem) => JSON.stringify(problem));
}
