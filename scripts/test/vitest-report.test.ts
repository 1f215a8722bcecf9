import { expect, test } from 'vitest';
import { summaryLine } from './tally.ts';
import { tallyVitest } from './vitest-report.ts';

const report = (...files: [status: string, ...tests: string[]][]): string =>
  JSON.stringify({
    testResults: files.map(([status, ...tests], index) => ({
      name: `file-${index}`,
      status,
      assertionResults: tests.map((each) => ({ fullName: `a ${each} test`, status: each })),
    })),
  });

test('passed, failed and skipped tests are counted over all files', () => {
  const text = report(['passed', 'passed', 'passed', 'skipped'], ['failed', 'passed', 'failed', 'todo']);
  expect(tallyVitest(text, 1)).toEqual({ passed: 3, failed: 1, skipped: ['a skipped test', 'a todo test'] });
});

test('a run in which all is well has no failure', () => {
  expect(tallyVitest(report(['passed', 'passed']), 0)).toEqual({ passed: 1, failed: 0, skipped: [] });
});

test('a file that could not be loaded is a failure', () => {
  expect(tallyVitest(report(['passed', 'passed'], ['failed']), 1)).toMatchObject({ passed: 1, failed: 1 });
});

test('a file that failed in a hook after its tests had passed is a failure', () => {
  expect(tallyVitest(report(['failed', 'passed']), 1)).toMatchObject({ passed: 1, failed: 1 });
});

test('an error outside of the tests is a failure although every test passed', () => {
  expect(tallyVitest(report(['passed', 'passed']), 1)).toMatchObject({ passed: 1, failed: 1 });
});

test.each([
  ['no report', undefined],
  ['an empty report', ''],
  ['half a report', '{"testResults": ['],
  ['a report of another shape', 'null'],
])('%s is a failure, whatever the exit code', (_title, text) => {
  expect(tallyVitest(text, 0)).toMatchObject({ passed: 0, failed: 1 });
  expect(tallyVitest(text, 139).problem).toContain('139');
});

test('a run without tests is a failure', () => {
  expect(tallyVitest(report(), 0)).toMatchObject({ failed: 1 });
  expect(tallyVitest(report(['passed', 'skipped']), 0)).toMatchObject({ failed: 1 });
});

test('an unknown status is a failure', () => {
  expect(tallyVitest(report(['passed', 'passed', 'exploded']), 0)).toMatchObject({ passed: 1, failed: 1 });
});

test('the last line names skipped tests only when there are some', () => {
  expect(summaryLine({ passed: 3, failed: 0, skipped: [] })).toBe('3 passed, 0 failed');
  expect(summaryLine({ passed: 3, failed: 1, skipped: ['x', 'y'] })).toBe('3 passed, 1 failed, 2 skipped');
});
