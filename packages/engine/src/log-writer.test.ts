import { describe, expect, test } from 'vitest';
import { createLogger, type LogSettings, withFields } from './log-writer.ts';

function logTo(lines: string[], settings: Partial<LogSettings> = {}) {
  return createLogger({
    level: 'info',
    encoding: 'json',
    fields: {},
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6),
    write: (line) => lines.push(line),
    ...settings,
  });
}

describe('the log', () => {
  test('writes one JSON object a line, with the fields of the logger and of the line', () => {
    const lines: string[] = [];
    withFields(logTo(lines, { fields: { host: 'a' } }), { component: 'otlp' }).info('ready', {
      port: 4317,
      big: 2n ** 63n,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\n$/);
    expect(JSON.parse(lines[0])).toEqual({
      level: 'info',
      ts: '2026-01-02T03:04:05.006Z',
      msg: 'ready',
      host: 'a',
      component: 'otlp',
      port: 4317,
      big: '9223372036854775808',
    });
  });

  test('writes for people on a console', () => {
    const lines: string[] = [];
    logTo(lines, { encoding: 'console' }).warn('slow', { id: 'file/a', reason: 'two words', gone: undefined });
    expect(lines).toEqual(['03:04:05.006 warn  slow  id=file/a reason="two words"\n']);
  });

  test('leaves out what is below its level', () => {
    const lines: string[] = [];
    const log = logTo(lines, { level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['c', 'd']);
  });

  test('leaves nothing of a secret that the cut of a long value would go through', () => {
    const lines: string[] = [];
    logTo(lines, { secrets: new Set(['hunter22-and-more']) }).info('told', {
      value: `${'x'.repeat(1_990)}hunter22-and-more`,
    });
    expect(lines.join('')).not.toContain('hunter');
  });

  test('never shows a secret, also where JSON escapes it', () => {
    const lines: string[] = [];
    const secrets = new Set(['hunter22', 'with"quote', 'x']);
    const log = logTo(lines, { secrets });
    log.error('refused by https://me:hunter22@host', {
      reason: new Error('token with"quote is wrong'),
      header: 'hunter22',
    });
    expect(lines[0]).not.toContain('hunter22');
    expect(lines[0]).not.toContain('quote');
    expect(JSON.parse(lines[0])).toMatchObject({ reason: 'token [REDACTED] is wrong', header: '[REDACTED]' });
  });

  test('cuts long values, so that no payload slips in', () => {
    const lines: string[] = [];
    logTo(lines).info('odd', { reason: 'y'.repeat(100_000) });
    expect(lines[0].length).toBeLessThan(2_200);
  });
});
