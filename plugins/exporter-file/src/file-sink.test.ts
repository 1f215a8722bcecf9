import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FileSystem } from './file-system.ts';
import { FailingFileSystem } from './testing/failing-file-system.ts';
import { deliver, Rig, rotation, sendBytes, temporaryDirectory } from './testing/rig.ts';
import { bodiesOf, bodiesOfRequests, logsBatch } from './testing/samples.ts';

const line = (text: string) => Buffer.from(`{"${text}":1}\n`);

it('batches that are sent at the same time are written in the order of the calls', async () => {
  const rig = new Rig();
  const settings = rig.settings();
  const sink = await rig.started();
  await Promise.all(Array.from({ length: 200 }, (_, number) => deliver(sink, settings, logsBatch(number))));
  expect(bodiesOf(rig.read())).toEqual(bodiesOfRequests(0, 200));
});

it('a batch is in the file when send resolves', async () => {
  const rig = new Rig();
  const sink = await rig.started();
  await sendBytes(sink, line('a'));
  expect(rig.read()).toBe(line('a').toString());
});

it('with fsync, batches that wait together share one sync', async () => {
  const rig = new Rig();
  const fs = new FailingFileSystem();
  const sink = await rig.started({ fsync: true }, fs);
  expect(sink.guarantee).toBe('safe');
  await Promise.all(Array.from({ length: 100 }, () => sendBytes(sink, line('a'))));
  const syncs = fs.calls.filter((call) => call === 'sync').length;
  expect(syncs).toBeGreaterThan(0);
  expect(syncs).toBeLessThanOrEqual(3);
});

it('without fsync nothing is promised beyond memory', () => {
  expect(new Rig().sink().guarantee).toBe('memory');
});

it('a batch whose sender has given up is not written', async () => {
  const rig = new Rig();
  const sink = await rig.started();
  const abort = new AbortController();
  const first = sendBytes(sink, line('a'));
  const second = sendBytes(sink, line('b'), abort.signal);
  const third = sendBytes(sink, line('c'));
  abort.abort(new Error('timeout'));
  const outcomes = await Promise.allSettled([first, second, third]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(rig.read()).toBe(`${line('a').toString()}${line('c').toString()}`);
});

it('a pipe can be written: nothing is locked, truncated or rotated', async () => {
  const rig = new Rig();
  const sink = await rig.started({ path: '/dev/null', rotation: rotation({ max_megabytes: 1 }), fsync: true });
  for (let batch = 0; batch < 3; batch++) await sendBytes(sink, Buffer.alloc(1024 * 1024));
  await sink.shutdown();
  expect(readdirSync('/dev').filter((name) => name.includes('null'))).toEqual(['null']);
});

it('the directory is made on demand, with rotation always', async () => {
  const rig = new Rig();
  const path = (name: string) => join(rig.directory, name, 'deep', 'x.jsonl');
  await rig.started({ path: path('one'), create_directory: true, directory_permissions: '0750' });
  expect(statSync(join(rig.directory, 'one', 'deep')).mode & 0o777).toBe(0o750);
  await rig.started({ path: path('two'), rotation: rotation() });
  expect(existsSync(path('two'))).toBe(true);
});

it('says where it writes', async () => {
  const rig = new Rig();
  await rig.started();
  expect(rig.host.announced).toEqual([{ what: 'writes', place: rig.path }]);
});

it('shutdown may come without a start, and twice; later batches are refused', async () => {
  const rig = new Rig();
  await rig.sink().shutdown();
  const sink = await rig.started();
  await Promise.all([sink.shutdown(), sink.shutdown()]);
  await expect(sendBytes(sink, line('a'))).rejects.toMatchObject({ code: 'FILE_CLOSED', retryable: true });
});

it('shutdown writes what was accepted before it', async () => {
  const rig = new Rig();
  const sink = await rig.started();
  const sending = ['a', 'b', 'c'].map((text) => sendBytes(sink, line(text)));
  await sink.shutdown();
  await Promise.all(sending);
  expect(rig.read().split('\n')).toHaveLength(4);
});

describe('two writers', () => {
  it('in one process: the second is refused', async () => {
    const rig = new Rig();
    const first = await rig.started();
    await expect(rig.started()).rejects.toMatchObject({ code: 'PATH_IN_USE', remedy: expect.any(String) as string });
    await sendBytes(first, line('a'));
    expect(rig.read()).toBe(line('a').toString());
    await first.shutdown();
    await rig.started();
  });

  it('a refused one does not end the lock of the other', async () => {
    const rig = new Rig();
    await rig.started();
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(rig.started()).rejects.toMatchObject({ code: 'PATH_IN_USE' });
    }
  });
});

describe('what keeps it from starting is said, with a remedy', () => {
  const starting = async (changes: Parameters<Rig['sink']>[0], fs?: FileSystem) => {
    const rig = new Rig();
    const error = await rig.started(changes, fs).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'ComponentError', remedy: expect.any(String) as string });
    return error as { code: string; message: string };
  };

  it('a missing directory', async () => {
    const directory = join(temporaryDirectory(), 'deep');
    const error = await starting({ path: join(directory, 'x.jsonl') });
    expect(error.code).toBe('DIRECTORY_MISSING');
    expect(error.message).toContain(`"${directory}"`);
  });

  it('a directory at the path', async () => {
    expect((await starting({ path: '/tmp' })).code).toBe('PATH_IS_DIRECTORY');
  });

  it('a file in the place of the directory', async () => {
    expect((await starting({ path: '/dev/null/x.jsonl' })).code).toBe('NOT_A_DIRECTORY');
    expect((await starting({ path: '/dev/null/x/y.jsonl', create_directory: true })).code).toBe('NOT_A_DIRECTORY');
  });

  it.each([
    ['EACCES', 'NOT_PERMITTED'],
    ['EROFS', 'READ_ONLY'],
    ['ENOSPC', 'DISK_FULL'],
    ['EMFILE', 'FILE_OPEN'],
  ])('%s', async (errno, code) => {
    const fs = new FailingFileSystem();
    fs.fail('open', errno);
    expect((await starting({}, fs)).code).toBe(code);
  });

  it.each([
    ['a missing recipients file', undefined, 'RECIPIENTS_UNREADABLE'],
    ['an empty one', '# nobody\n', 'RECIPIENTS_MALFORMED'],
    ['one with something else', 'ssh-ed25519 AAAA\n', 'RECIPIENTS_MALFORMED'],
  ])('%s', async (_what, text, code) => {
    const rig = new Rig();
    const path = join(rig.directory, 'key.pub');
    if (text !== undefined) writeFileSync(path, text);
    const error = await rig.started({ encryption: { recipients: [], recipients_file: path } }).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ComponentError', code });
    expect(existsSync(rig.path)).toBe(false);
  });

  it('an unwritable directory, for those whom permissions concern', async () => {
    const rig = new Rig();
    const directory = join(rig.directory, 'closed');
    mkdirSync(directory);
    chmodSync(directory, 0o500);
    const outcome = await rig.started({ path: join(directory, 'x.jsonl') }).catch((error: unknown) => error);
    if (process.getuid?.() === 0) expect(existsSync(join(directory, 'x.jsonl'))).toBe(true);
    else expect(outcome).toMatchObject({ code: 'NOT_PERMITTED' });
  });
});

describe('a full disk', () => {
  it('is reported to the sender, who may send again, and leaves no half batch behind', async () => {
    const rig = new Rig();
    const fs = new FailingFileSystem();
    const sink = await rig.started({}, fs);
    await sendBytes(sink, line('before'));
    fs.roomBytes = 5;
    const error = await sendBytes(sink, line('lost')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'FILE_WRITE', retryable: true });
    expect((error as Error).message).toContain('no space');
    expect(rig.read()).toBe(line('before').toString());
    fs.heal();
    await sendBytes(sink, line('after'));
    expect(rig.read()).toBe(`${line('before').toString()}${line('after').toString()}`);
  });

  it('on which nothing can be cut off either does not corrupt what follows', async () => {
    const rig = new Rig();
    const fs = new FailingFileSystem();
    const sink = await rig.started({}, fs);
    fs.roomBytes = 5;
    fs.fail('truncate', 'EIO');
    await expect(sendBytes(sink, line('torn'))).rejects.toMatchObject({ retryable: true });
    fs.roomBytes = 1000;
    await expect(sendBytes(sink, line('refused'))).rejects.toMatchObject({ retryable: true });
    fs.heal();
    await sendBytes(sink, line('after'));
    expect(rig.read()).toBe(line('after').toString());
  });

  it('a sync that fails takes the batch back', async () => {
    const rig = new Rig();
    const fs = new FailingFileSystem();
    const sink = await rig.started({ fsync: true }, fs);
    fs.fail('sync', 'EIO');
    await expect(sendBytes(sink, line('a'))).rejects.toMatchObject({ retryable: true });
    fs.heal();
    await sendBytes(sink, line('b'));
    expect(rig.read()).toBe(line('b').toString());
  });

  it('short writes are continued', async () => {
    const rig = new Rig();
    const fs = new FailingFileSystem();
    const open = fs.open.bind(fs);
    fs.open = async (path) => {
      const file = await open(path);
      return { ...file, write: (parts, position) => file.write([parts[0].subarray(0, 3)], position) };
    };
    const sink = await rig.started({}, fs);
    await Promise.all(['a', 'b'].map((text) => sendBytes(sink, line(text))));
    expect(rig.read()).toBe(`${line('a').toString()}${line('b').toString()}`);
  });
});
