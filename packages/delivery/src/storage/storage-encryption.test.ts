import { expect, test } from 'vitest';
import { failure } from './testing/failure.ts';
import { append, StorageRig } from './testing/storage-rig.ts';

test('encrypted data is nowhere in the files, and comes back with the key, also after the key was changed', async () => {
  const [oldKey, newKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const rig = new StorageRig();
  const secret = Buffer.from('the customer’s address, twenty times over '.repeat(20));
  const first = rig.storage({ keys: [oldKey] });
  await first.open();
  const meta = Buffer.from('who sent it');
  await first.queue('q').append({ meta, data: [secret], items: 1 });
  await first.close();
  const second = rig.storage({ keys: [newKey, oldKey] });
  await second.open();
  await second.queue('q').append({ meta, data: [secret.subarray(0, 100), secret.subarray(100)], items: 1 });
  await second.state('s').set('path', secret);
  await second.close();
  for (const file of rig.disk.files) {
    for (const part of ['customer', 'who sent']) expect(rig.disk.inode(file).content.includes(part)).toBe(false);
  }
  const third = rig.storage({ keys: [newKey, oldKey] });
  await third.open();
  const queue = third.queue('q');
  for (let read = 0; read < 2; read++) {
    const entry = await queue.read();
    expect(Buffer.from(entry!.data).equals(secret)).toBe(true);
    expect(Buffer.from(entry!.meta).equals(meta)).toBe(true);
  }
  expect(Buffer.from(third.state('s').get('path')!).equals(secret)).toBe(true);
  await third.close();

  const wrong = await failure(rig.storage({ keys: [newKey] }).open());
  expect(wrong.code).toBe('STORAGE_KEY_WRONG');
  expect(wrong.message).toMatch(/00000001\.seg is encrypted with the key [0-9a-f]{16}, which is not configured/);
  expect((await failure(rig.storage().open())).code).toBe('STORAGE_KEY_WRONG');
  expect((await failure(rig.storage({ keys: [Buffer.alloc(16)] }).open())).code).toBe('STORAGE_KEY_INVALID');
});

test('the same payload is never encrypted to the same bytes, nor is an offset of a segment written twice', async () => {
  const key = Buffer.alloc(32, 7);
  const rig = new StorageRig({ keys: [key] });
  const seen = new Set<string>();
  for (let life = 0; life < 3; life++) {
    const storage = rig.storage();
    await storage.open();
    const queue = storage.queue('q');
    for (let count = 0; count < 20; count++) await append(queue, 1, 300);
    rig.disk.crash();
  }
  const random = rig.disk.files.filter((file) => file.endsWith('.seg'));
  for (const file of random) {
    const { content } = rig.disk.inode(file);
    const size = 44 + 1 + 2 + 300 + 16;
    for (let at = 4096; at + size <= content.length; at += size) seen.add(content.toString('hex', at + 45, at + 145));
  }
  expect(seen.size).toBeGreaterThanOrEqual(60);
});
