import fs from 'node:fs/promises';
import path from 'node:path';
import * as prettier from 'prettier';
import type { Generator } from './generator.ts';

/**
 * Makes every file and returns those whose text differs from what is on disk. Writes them, unless `check` is set.
 * A generator that throws stops the run before the following files are touched.
 */
export async function generateFiles(
  generators: readonly Generator[],
  { root, check }: { readonly root: string; readonly check: boolean },
): Promise<string[]> {
  const outdated: string[] = [];
  for (const generator of generators) {
    const file = path.join(root, generator.file);
    const text = await format(file, await generator.make(root));
    if (text === (await readIfThere(file))) continue;
    outdated.push(generator.file);
    if (check) continue;
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, text);
  }
  return outdated;
}

async function format(file: string, text: string): Promise<string> {
  const { inferredParser } = await prettier.getFileInfo(file);
  if (inferredParser === null) return text;
  const options = await prettier.resolveConfig(file);
  return prettier.format(text, { ...options, parser: inferredParser });
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
