import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('using HTTP does not load undici, which every thread would pay with megabytes', () => {
  const index = new URL('./index.ts', import.meta.url).href;
  const script = `await import('${index}'); console.log(JSON.stringify(process.moduleLoadList))`;
  const loaded = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  const modules = JSON.parse(loaded) as string[];
  expect(modules).toContain('NativeModule _http_server');
  expect(modules.filter((name) => name.includes('undici'))).toEqual([]);
});
