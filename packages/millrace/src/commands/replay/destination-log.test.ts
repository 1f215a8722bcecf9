import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { DestinationLog } from './destination-log.ts';

test('each reason is said once, with the exporter that it comes from', () => {
  const stderr = new PassThrough();
  const log = new DestinationLog(stderr);
  const exporter = { kind: 'exporter', component: 'otlphttp/next' };
  log.info('sending failed, will try again', { ...exporter, error: 'connect ECONNREFUSED', retryInMs: 5000 });
  log.info('sending failed, will try again', { ...exporter, error: 'connect ECONNREFUSED', retryInMs: 7000 });
  log.warn('component is failing', { ...exporter, reason: 'connect ECONNREFUSED' });
  log.info('component recovered', exporter);
  log.warn('the clock went back');
  log.error('component failed', { ...exporter, reason: 'refused' });
  expect(String(stderr.read())).toBe(
    'millrace replay: exporter "otlphttp/next": sending failed, will try again: connect ECONNREFUSED\n' +
      'millrace replay: the clock went back\n' +
      'millrace replay: exporter "otlphttp/next": component failed: refused\n',
  );
});
