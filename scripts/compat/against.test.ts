import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askCollector, disagreements, formatDisagreements } from './against.ts';

/** A program that stands in for a Collector: accepts what says "good", and shows what it was given otherwise. */
function standIn(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'stand-in-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'otelcol');
  writeFileSync(
    file,
    `#!/bin/sh
[ "$1 $2" = "validate --config" ] || exit 3
grep -q good "$3" && exit 0
grep -q absent "$3" && { echo "'receivers' unknown type: \\"absent\\"" >&2; exit 1; }
echo "Error: bad, with port $MY_PORT" >&2; exit 1
`,
  );
  chmodSync(file, 0o755);
  return file;
}

const found = (text: string) => ({ name: text, file: 'c.yaml', text });

test('the program is asked to validate, with stand-ins for variables', async () => {
  const binary = standIn();
  expect(await askCollector(binary, found('good'))).toEqual({ accepts: true, message: '' });
  expect(await askCollector(binary, found('x: ${env:MY_PORT}'))).toEqual({
    accepts: false,
    message: 'Error: bad, with port 4317',
  });
  expect(await askCollector(binary, found('absent'))).toMatchObject({ accepts: undefined });
});

test('what only one of the two accepts is listed, with the reason of the other', () => {
  const obstacle = { kind: 'error', subject: 's', location: 'l', message: 'no such key' } as const;
  const ours = ['a', 'b', 'c', 'd', 'e'].map((name, i) => ({
    name,
    obstacles: i % 2 === 0 ? [] : [obstacle],
    warnings: [],
  }));
  const theirs = [true, true, false, false, undefined].map((accepts) => ({
    accepts,
    message: accepts === true ? '' : 'bad',
  }));
  const found = disagreements(ours, theirs);
  expect(found).toEqual({
    agreed: 2,
    unknown: 1,
    onlyCollector: [{ name: 'b', ours: 'no such key' }],
    onlyHere: [{ name: 'c', theirs: 'bad' }],
  });
  const report = formatDisagreements(found);
  expect(report).toContain('b: only the Collector accepts it; here:\n  no such key');
  expect(report).toContain('c: only Millrace accepts it; the Collector:\n  bad');
  expect(report).toContain('2 agreed on, 1 only the Collector accepts, 1 only Millrace accepts');
  expect(report).toContain('1 that this build');
});
