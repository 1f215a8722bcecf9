import { describe, expect, test } from 'vitest';
import { AROUND, loadText, type TextSettings } from './testing/load-text.ts';

/** Decoded settings of one component, as a flow map is written. */
async function settings(
  kind: 'receivers' | 'processors' | 'exporters',
  type: string,
  body: string,
  more: TextSettings = {},
): Promise<unknown> {
  const sections = { receivers: ['demo: '], processors: [], exporters: ['debug: '] } as Record<string, string[]>;
  sections[kind].push(`${type}/x: ${body}`);
  const text = Object.entries(sections).map(([section, entries]) => `${section}: { ${entries.join(', ')} }\n`);
  const service = 'service: { pipelines: { logs: { receivers: [demo], exporters: [debug] } } }\n';
  const { config } = await loadText(text.join('') + service, more);
  return config[kind].get(`${type}/x`)?.config;
}

describe('strings keep what was written', () => {
  test.each(['0123', '1e3', 'true', 'NO', '2024-01-01', '1_000', '.5', '0x1F', '12345678901234567890', '1.10', 'a b'])(
    '%s',
    async (text) => {
      expect(await settings('exporters', 'file', `{ path: ${text} }`)).toMatchObject({ path: text });
      expect(await settings('exporters', 'file', `{ path: '${text}' }`)).toMatchObject({ path: text });
      expect(await settings('exporters', 'file', `{ path: !!str ${text} }`)).toMatchObject({ path: text });
      expect(await settings('receivers', 'filelog', `{ include: [${text}] }`)).toMatchObject({ include: [text] });
      expect(await settings('exporters', 'otlphttp', `{ endpoint: http://x, headers: { a: ${text} } }`)).toMatchObject({
        headers: { a: text },
      });
    },
  );

  test('in all forms of YAML', async () => {
    expect(await settings('exporters', 'file', '{ path: "a\\tb" }')).toMatchObject({ path: 'a\tb' });
    const { config } = await loadText(`receivers: { demo: }
exporters:
  file:
    path: |
      one
      two
  file/folded: { path: a
    b }
service: { pipelines: { logs: { receivers: [demo], exporters: [file, file/folded] } } }
`);
    expect(config.exporters.get('file')?.config).toMatchObject({ path: 'one\ntwo\n' });
    expect(config.exporters.get('file/folded')?.config).toMatchObject({ path: 'a b' });
  });
});

describe('numbers', () => {
  test.each<[string, number]>([
    ['10', 10],
    ['010', 8],
    ['0x10', 16],
    ['1_000', 1000],
    ['1e3', 1000],
    ['2.0', 2],
  ])('%s is %d', async (text, value) => {
    expect(await settings('processors', 'batch', `{ send_batch_size: ${text} }`)).toMatchObject({
      send_batch_size: value,
    });
  });

  test('with fractions', async () => {
    expect(await settings('exporters', 'file', '{ path: p, ratio: 0.25 }')).toMatchObject({ ratio: 0.25 });
    expect(await settings('exporters', 'file', '{ path: p, ratio: 1 }')).toMatchObject({ ratio: 1 });
  });

  test('are exact where YAML decides on types', async () => {
    const body = '{ path: p, free: { big: 9223372036854775807, list: [1, 1.5, yes, null] } }';
    expect(await settings('exporters', 'file', body)).toMatchObject({
      free: { known: 1, big: 9223372036854775807n, list: [1, 1.5, 'yes', null] },
    });
  });
});

describe('durations and sizes', () => {
  test.each<[string, number]>([
    ['1h30m', 5_400_000],
    ['300ms', 300],
    ['1.5s', 1500],
    ['100us', 0.1],
    ['1ns', 0.000001],
    ['0', 0],
    ["'0'", 0],
    ['${env:T}', 2000],
    ['${env:ZERO}', 0],
  ])('%s is %d ms', async (text, timeout) => {
    expect(
      await settings('processors', 'batch', `{ timeout: "${text.replaceAll("'", '')}" }`, {
        env: { T: '2s', ZERO: '0' },
      }),
    ).toMatchObject({ timeout });
  });

  test.each([
    ['5', '5', 0.000005],
    ['1_000_000', '1_000_000', 1],
    ['1.9', '1.9', 0.000001],
    ['"${env:T}"', '5', 0.000005],
  ])('a number without a unit is nanoseconds, with a warning: %s', async (written, shown, timeout) => {
    const text = `processors: { batch: { timeout: ${written} } }\n${AROUND}`;
    const { config, warnings } = await loadText(text, { env: { T: '5' } });
    expect(config.processors.get('batch')?.config).toMatchObject({ timeout });
    const warning = warnings.find(({ code }) => code === 'DURATION_UNIT');
    expect(warning?.message).toContain(`the duration ${shown} has no unit: it means ${shown} nanoseconds`);
    expect(warning?.remedy).toContain(`write ${shown}s`);
  });

  test('0 needs no unit', async () => {
    const { warnings } = await loadText(`processors: { batch: { timeout: 0 } }\n${AROUND}`);
    expect(warnings.map(({ code }) => code)).not.toContain('DURATION_UNIT');
  });

  test.each<[string, number]>([
    ['4096', 4096],
    ['2MiB', 2_097_152],
    ['2 MB', 2_000_000],
  ])('%s is %d bytes', async (text, bytes) => {
    expect(await settings('receivers', 'filelog', `{ include: [a], max_log_size: ${text} }`)).toMatchObject({
      max_log_size: bytes,
    });
  });
});

describe('defaults', () => {
  test('fill in objects at every depth', async () => {
    expect(await settings('exporters', 'otlphttp', '{ endpoint: http://x, sending_queue: { queue_size: 5 } }')).toEqual(
      {
        endpoint: 'http://x',
        compression: 'gzip',
        headers: {},
        timeout: 30_000,
        sending_queue: {
          enabled: true,
          num_consumers: 10,
          queue_size: 5,
          sizer: 'requests',
          block_on_overflow: false,
          wait_for_result: false,
          backlog_share: 0.25,
        },
        circuit_breaker: { enabled: true, failures: 5 },
        retry_on_failure: {
          enabled: true,
          initial_interval: 5000,
          randomization_factor: 0.5,
          multiplier: 1.5,
          max_interval: 30_000,
          max_elapsed_time: 300_000,
        },
      },
    );
  });

  test.each<[string, object]>([
    ['{ grpc: }', { grpc: { endpoint: 'localhost:4317', max_recv_msg_size_mib: 4 } }],
    [
      '{ http: , grpc: ~ }',
      { http: { endpoint: 'localhost:4318' }, grpc: { endpoint: 'localhost:4317', max_recv_msg_size_mib: 4 } },
    ],
    [
      '{ grpc: { keepalive: {} } }',
      { grpc: { endpoint: 'localhost:4317', max_recv_msg_size_mib: 4, keepalive: { time: 7_200_000 } } },
    ],
    ['{ http: { endpoint: , cors: {} } }', { http: { endpoint: 'localhost:4318', cors: { allowed_origins: [] } } }],
  ])('optional objects are there when they are written: %s', async (protocols, expected) => {
    expect(await settings('receivers', 'otlp', `{ protocols: ${protocols} }`)).toEqual({ protocols: expected });
  });

  test('an optional object without a value is absent, unless its key alone turns it on', async () => {
    const grpc = { endpoint: 'localhost:4317', max_recv_msg_size_mib: 4 };
    const body = '{ protocols: { grpc: { tls: , keepalive: null }, http: { cors: ~ } } }';
    expect(await settings('receivers', 'otlp', body)).toEqual({
      protocols: { grpc, http: { endpoint: 'localhost:4318' } },
    });
  });

  test('are what a null stands for', async () => {
    const expected = { timeout: 200, send_batch_size: 8192, send_batch_max_size: 0, metadata_keys: [] };
    expect(await settings('processors', 'batch', '')).toEqual(expected);
    expect(await settings('processors', 'batch', '{}')).toEqual(expected);
    expect(await settings('processors', 'batch', '{ timeout: , metadata_keys: ~, send_batch_size: null }')).toEqual(
      expected,
    );
    expect(await settings('exporters', 'file', '{ path: p, rotation: , dead_letter: , free: }')).toEqual({
      path: 'p',
      ratio: 1,
      rotation: { max_megabytes: 100 },
      flush: true,
      keys: 'all',
      free: { known: 1 },
    });
  });

  test('are not shared between components', async () => {
    const first = (await settings('processors', 'batch', '')) as { metadata_keys: string[] };
    first.metadata_keys.push('changed');
    expect(await settings('processors', 'batch', '')).toMatchObject({ metadata_keys: [] });
  });
});

describe('keys that are known and not followed', () => {
  test('are refused with what to do instead, or do nothing, with a warning', async () => {
    await expect(settings('exporters', 'file', '{ path: p, encoding: otlp_json }')).rejects.toThrow(
      'exporters.file/x.encoding  the key "encoding" is not supported  use format',
    );
    const text = `exporters: { debug: , file: { path: p, old: { any: [thing] }, encoding: [] } }
receivers: { demo: }
service: { pipelines: { logs: { receivers: [demo], exporters: [debug, file] } } }\n`;
    const { config, warnings } = await loadText(text);
    expect(config.exporters.get('file')?.config).not.toHaveProperty('encoding');
    expect(warnings).toEqual([expect.objectContaining({ code: 'NO_EFFECT', where: 'exporters.file.old' })]);
  });
});

describe('the first of several shapes that fits', () => {
  test.each<[string, object]>([
    ['flush: false', { flush: false }],
    ['flush: 2s', { flush: 2000 }],
    ['keys: one', { keys: 'one' }],
    ['keys: [a, 0123]', { keys: ['a', '0123'] }],
    ["keys: ''", { keys: [] }],
  ])('%s', async (setting, expected) => {
    expect(await settings('exporters', 'file', `{ path: p, ${setting} }`)).toMatchObject(expected);
  });
});

test('no shape that fits is an error', async () => {
  await expect(settings('exporters', 'file', '{ path: p, flush: "true" }')).rejects.toThrow(
    'must be true or false or a duration',
  );
});

test('a text is a list where one is expected', async () => {
  expect(await settings('receivers', 'filelog', '{ include: "a,b" }')).toMatchObject({ include: ['a', 'b'] });
  expect(await settings('receivers', 'filelog', '{ include: "${env:L}" }', { env: { L: '[x, 007]' } })).toMatchObject({
    include: ['x', '007'],
  });
});

test('anchors and merge keys are understood', async () => {
  const { config } = await loadText(`receivers: { demo: }
exporters:
  otlphttp/a: &base
    endpoint: http://a
    headers: &headers { x: 1 }
    timeout: 1s
  otlphttp/b:
    <<: *base
    endpoint: http://b
  otlphttp/c: { endpoint: http://c, headers: { <<: [*headers, { x: 3, y: 4 }], z: 5 } }
service: { pipelines: { logs: { receivers: [demo], exporters: [otlphttp/a, otlphttp/b, otlphttp/c] } } }
`);
  expect(config.exporters.get('otlphttp/b')?.config).toMatchObject({
    endpoint: 'http://b',
    headers: { x: '1' },
    timeout: 1000,
  });
  expect(config.exporters.get('otlphttp/c')?.config).toMatchObject({ headers: { x: '1', y: '4', z: '5' } });
});
