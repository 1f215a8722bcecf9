import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CollectorSchemas } from './collector-schemas.ts';

const CORE = 'go.opentelemetry.io/collector';

function cacheOf(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'schemas-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [place, text] of Object.entries(files)) {
    mkdirSync(path.join(folder, place), { recursive: true });
    writeFileSync(path.join(folder, place, 'config.schema.yaml'), text);
  }
  return folder;
}

test('references of all forms are followed, and the newest version with a schema counts', () => {
  const cache = cacheOf({
    [`${CORE}/receiver/x@v0.9.0`]: 'properties: { old: {} }',
    [`${CORE}/receiver/x@v0.10.0`]: `
      $defs: { here: { properties: { a: {} } } }
      properties:
        local: { $ref: here }
        list: { type: array, items: { $ref: ./internal/y.item } }
        map: { additionalProperties: { properties: { c: {} } } }
      allOf: [{ $ref: /config/z.shared }]`,
    [`${CORE}/receiver/x@v0.10.0/internal/y`]: `$defs: { item: { properties: { b: { $ref: ${CORE}/config/z } } } }`,
    [`${CORE}/config/z@v1.2.0`]: '{ properties: { root: {} }, $defs: { shared: { properties: { d: {} } } } }',
  });
  const schemas = new CollectorSchemas(cache);
  expect(schemas.keysOf(`${CORE}/receiver/x`)).toEqual({
    module: `${CORE}/receiver/x`,
    version: 'v0.10.0',
    keys: ['d', 'list', 'list[].b', 'list[].b.root', 'local', 'local.a', 'map', 'map.*.c'],
  });
  expect(schemas.unresolved.size).toBe(0);
});

test('what cannot be followed is named, and a schema that contains itself ends', () => {
  const cache = cacheOf({
    [`${CORE}/processor/p@v1.0.0`]:
      '{ $defs: { self: { properties: { in: { $ref: self } } }, loop: { $ref: loop } }, properties: { self: { $ref: self }, loop: { $ref: loop }, gone: { $ref: ./nowhere.at_all } } }',
  });
  const schemas = new CollectorSchemas(cache);
  expect(schemas.keysOf(`${CORE}/processor/p`)?.keys).toContain('self.in.in');
  expect([...schemas.unresolved]).toEqual([`./nowhere.at_all of ${CORE}/processor/p`]);
  expect(schemas.keysOf(`${CORE}/processor/none`)).toBeUndefined();
});
