/**
 * A process to be killed: `node appending-process.ts DIRECTORY FIRST_ID`. Appends one payload after the other, eight at
 * a time, marks the even ones as done, and prints `a ID` for every one that is acknowledged and `d ID` once a mark is on disk.
 */
import { append, idOf } from './storage-rig.ts';
import { machineStorage } from './machine-storage.ts';
import fs from 'node:fs';

const [directory, firstId] = process.argv.slice(2);
const storage = machineStorage(directory);
await storage.open().catch((error: Error) => {
  fs.writeSync(1, `refused ${error.message}\n`);
  process.exit(1);
});
fs.writeSync(1, 'open\n');
const queue = storage.queue('q');
let id = Number(firstId);

async function appending(): Promise<never> {
  for (;;) {
    const mine = id++;
    await append(queue, mine, (mine * 977) % 5000);
    fs.writeSync(1, `a ${mine}\n`);
  }
}

async function marking(): Promise<never> {
  for (;;) {
    const done: number[] = [];
    for (let count = 0; count < 10; count++) {
      const entry = await queue.read();
      if (entry === undefined) break;
      const read = idOf(entry.data);
      if (read % 2 === 1) continue;
      queue.done(entry.sequence);
      done.push(read);
    }
    await storage.flush();
    for (const each of done) fs.writeSync(1, `d ${each}\n`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

await Promise.all([marking(), ...Array.from({ length: 8 }, appending)]);
