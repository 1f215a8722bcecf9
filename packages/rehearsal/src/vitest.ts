import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSuite, SUITE_SUFFIX } from './suite/read-suite.ts';
import { type Failure, runSuite, type RunSettings, type TestResult } from './suite/run-suite.ts';

/**
 * Makes a vitest test of every test in a file of pipeline tests, or in all of a folder. Call it at the top level, with
 * `await`. Throws ConfigErrors where a file, or the configuration that it is about, has errors.
 */
export async function describePipelineTests(place: URL | string, settings: RunSettings): Promise<void> {
  const where = place instanceof URL ? fileURLToPath(place) : place;
  for (const file of suitesAt(where)) {
    const suite = await readSuite(path.relative(process.cwd(), file));
    // oxlint-disable-next-line vitest/valid-title -- names come from the files
    describe(suite.file, () => {
      for (const { name } of suite.tests) {
        // oxlint-disable-next-line vitest/valid-title
        it(name, async () => {
          const results = await runSuite(suite, { ...settings, only: (other) => other === name });
          expect(results.flatMap(textsOf).join('\n')).toBe('');
        });
      }
    });
  }
}

function suitesAt(place: string): string[] {
  if (place.endsWith('.yaml') || place.endsWith('.yml')) return [place];
  const names = readdirSync(place).filter((name) => name.endsWith(SUITE_SUFFIX));
  return names.sort().map((name) => path.join(place, name));
}

function textsOf({ failures, way }: TestResult): string[] {
  return [...failures.map(textOf), ...way.map((line) => `passed: ${line}`)];
}

function textOf({ location, message, details }: Failure): string {
  return [`${location}  ${message}`, ...details(PLAIN).map((line) => `  ${line}`)].join('\n');
}

const same = (text: string): string => text;
const PLAIN = { dim: same, green: same, red: same, yellow: same };
