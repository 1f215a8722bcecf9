import { expect, test } from 'vitest';
import { isAllReplaced, UrlPaths } from './url-paths.ts';

test.each([
  ['/users/123', '/users/*'],
  ['/v1/products/22j', '/v1/products/*'],
  ['GET /api/cart?x=1', 'GET /api/cart'],
  ['https://example.com/users/123e4567-e89b-12d3-a456-426614174000/orders', '*//example.com/users/*/orders'],
  ['/a/b/c/d/e/f/g/h/i/j/k', '/a/b/c/d/e/f/g/h/i'],
  ['a/b/c/d/e/f/g/h/i/j/k', 'a/b/c/d/e/f/g/h/i/j'],
  ['//', '//'],
  ['?', ''],
  ['*', '*'],
  ['/w/index.php/*', '/w/index.php/*'],
  ['123/', '*/'],
  ['/api/hello.world#part', '/api/hello.world'],
  ['/usuarios/fdklsd/j4elk/23993/trabajo/2', '/usuarios/*/j4elk/*/trabajo/*'],
  ['/Benutzer/k6-test-runs/qwxzv', '/Benutzer/k6-test-runs/*'],
  ['/aä/b/ä', '/*/b/*'],
  ['', ''],
  ['/products//org/3&a=b', '/products//org/*'],
])('%j becomes %j', (path, clustered) => {
  const paths = new UrlPaths();
  expect(paths.cluster(path)).toBe(clustered);
  expect(paths.cluster(path)).toBe(clustered);
});

test('many ids do not fill the memory', () => {
  const paths = new UrlPaths();
  for (let id = 0; id < 20_000; id++) expect(paths.cluster(`/users/${id}/orders`)).toBe('/users/*/orders');
});

test.each([
  ['*', true],
  ['/*', true],
  ['/*/*/', true],
  ['//*', true],
  ['/', false],
  ['', false],
  ['/a/*', false],
  ['/*/a', false],
  ['/**', false],
])('of %j all was replaced: %s', (path, isAll) => {
  expect(isAllReplaced(path)).toBe(isAll);
});
