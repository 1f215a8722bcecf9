import { expect, test } from 'vitest';
import { checkScript } from './check-script.ts';
import type { ScriptSettings } from './script-settings.ts';

const check = (settings: Partial<ScriptSettings>) =>
  checkScript({ error_mode: 'ignore', deadline: 1_000, ...settings });

test.each([
  [
    'broken types',
    { code: 'function log(record: ) {\n}' },
    'code',
    /^code:1:22: Unexpected token `\)`[^\n]*\n +1 \| function log\(record: \) \{\n +\| {22}\^$/,
  ],
  [
    'broken code',
    { code: '\nlet a = 1;\n  let b = a a;' },
    'code',
    /^code:3:13: .*\n +3 \| {3}let b = a a;\n +\| {13}\^$/,
  ],
  ['a broken body', { log: 'let x = 1;\nreturn )' }, 'log', /^log:2:8: .*\n +2 \| return \)\n/],
  [
    'a template without an end',
    { code: 'let x = 1;\nlet y = `a\nb' },
    'code',
    /^code:2: Unterminated template\n +2 \| let y = `a$/,
  ],
  ['an enum', { code: 'enum A { B }' }, 'code', /^code:1:1: TypeScript enum is not supported/],
  ['a duplicate name', { code: 'let a = 1;\nlet a = 2;' }, 'code', /^code:2:\d+: .*\n +2 \| let a = 2;/],
  [
    'an import',
    { code: 'import { a } from "b";' },
    'code',
    /^code:1:1: .*import statement[^]*only types can be imported/,
  ],
  ['a default export', { code: '  export default () => 1' }, 'code', /^code:1:3: [^]*give the function a name/],
  [
    'an error outside of functions',
    { code: 'const a = null;\na.b;' },
    'code',
    /^code:2:3: TypeError: .*\n +2 \| a\.b;/,
  ],
  ['no function', { code: 'function lgo(record) {}' }, 'code', /^code: declares none of the functions logs, /],
  ['an asynchronous function', { code: 'async function log(record) {}' }, 'code', /log is asynchronous or a generator/],
  ['a generator', { code: 'function* logs(batch) {}' }, 'code', /logs is asynchronous or a generator/],
  [
    'a function twice',
    { code: 'function log(record) {}', log: 'return' },
    'log',
    /^code declares the function log, too$/,
  ],
  [
    'a file that is not there',
    { file: '/no/such/script.ts' },
    'file',
    /^cannot read the script "\/no\/such\/script.ts": ./,
  ],
  ['two scripts', { code: 'function log() {}', file: 'x.ts' }, 'file', /^both code and file are set$/],
])('%s is told with its place', (_, settings, key, message) => {
  expect(check(settings)).toEqual([expect.objectContaining({ path: [key], message: expect.stringMatching(message) })]);
});

test('no script at all is told', () => {
  expect(check({})).toMatchObject([{ path: [], message: 'there is no script' }]);
});

test('every broken script is told', () => {
  expect(check({ log: ')', span: ')', point: 'return' }).map(({ path }) => path)).toEqual([['log'], ['span']]);
});

test.each([
  'export function log() {}',
  'export const log = () => undefined;\nexport let other = 1;',
  'function log() {}\nexport { log };',
  'import type { LogRecordView } from "@millrace/otlp";\nexport type R = LogRecordView;\nexport function log(r: R) {}',
  'const text = `\nexport function span() {}\n`;\nexport function log() { return text; } // the end',
])('%j is a script', (code) => {
  expect(check({ code })).toEqual([]);
});
