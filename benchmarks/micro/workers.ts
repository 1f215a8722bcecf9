/**
 * What handing work to the mill costs: `node benchmarks/micro/workers.ts [hop|message|copy|isolation|clock]`.
 *
 * - hop: whole grinds through `Mill.grind`, one after the other, inline and on one worker. CPU is that of the process,
 *   all threads.
 * - message: what the numbers of a grind over 100 parts cost as objects, packed with msgpackr, and as one Int32Array,
 *   through bare Piscina.
 * - copy: what `Arena.keep` costs by size, which decides what is copied out of slabs (SMALL_BYTES_MAX).
 * - isolation: a grind whose only step has a worker of its own, beside one in which it is on the pool.
 * - clock: what measuring a step's time costs, which is done once for each step and run.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { Piscina } from 'piscina';
import { ByteWriter } from '@millrace/otlp';
import { Arena, createMill } from '@millrace/workers';
import type { IsolatedPlugin, Plan } from '@millrace/workers';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** A plugin in a data URL: no file is needed. */
const TAG = `data:text/javascript,${encodeURIComponent(`
  import { defineProcessor } from '${import.meta.resolve('@millrace/api')}';
  export default defineProcessor({
    type: 'tag', summary: '', stability: 'development', config: {}, examples: [],
    create: () => ({ logs(batch) { for (const record of batch.records) record.attributes.set('env', 'prod'); } }),
  });
`)}`;

const leaf = { to: 'leaf', leaf: 0, encoder: undefined, contiguous: false } as const;
const tag = { role: 'transform', id: 'tag', type: 'tag', signal: 'logs', module: TAG, config: {} } as const;

function plan(id: string, transforms: readonly (typeof tag)[]): Plan {
  const branches = [{ pipeline: 'logs', signal: 'logs', transforms, outputs: [leaf] }] as const;
  return { id, signal: 'logs', decoder: undefined, validate: true, keepContexts: false, branches };
}

const PLANS = [plan('forward', []), plan('tag', [tag])];

function request(bytes: number): Uint8Array {
  const out = new ByteWriter();
  const resource = out.openField(1);
  const scope = out.openField(2);
  while (out.length < bytes - 200) {
    const record = out.openField(2);
    out.fixed64Field(1, 1_700_000_000_000_000_000n);
    const body = out.openField(5);
    out.stringField(1, `GET /checkout/${out.length} took 17 ms and returned 200 to a patient customer`);
    out.close(body);
    for (let index = 0; index < 6; index++) {
      const attribute = out.openField(6);
      out.stringField(1, `attribute.${index}`);
      const value = out.openField(2);
      out.stringField(1, `value ${index}`);
      out.close(value);
      out.close(attribute);
    }
    out.close(record);
  }
  out.close(scope);
  out.close(resource);
  return out.take().slice();
}

interface Cost {
  readonly wallUs: number;
  readonly cpuUs: number;
}

/** Median over rounds, so that one disturbed round does not count. */
async function measure(rounds: number, count: number, work: () => Promise<unknown>): Promise<Cost> {
  for (let index = 0; index < count; index++) await work();
  const costs: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let index = 0; index < count; index++) await work();
    const wallUs = ((performance.now() - start) * 1000) / count;
    const { user, system } = process.cpuUsage(cpu);
    costs.push({ wallUs, cpuUs: (user + system) / count });
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
  return { wallUs: median(costs.map((cost) => cost.wallUs)), cpuUs: median(costs.map((cost) => cost.cpuUs)) };
}

async function hop(): Promise<void> {
  console.log('\nhop                        inline µs    pool µs   pool CPU µs   CPU of the hop µs');
  for (const [name, size, parts] of [
    ['1 kB', 1000, 1],
    ['100 x 1 kB', 1000, 100],
    ['100 kB', 100_000, 1],
    ['1 MB', 1_000_000, 1],
  ] as const) {
    const payload = request(size);
    for (const { id } of PLANS) {
      const cost: Cost[] = [];
      for (const threads of [0, 1]) {
        const arena = new Arena({ shared: threads > 0, bytesInFlightMax: 256 * 1024 * 1024 });
        const mill = createMill({ threads, heapMb: 256, deadlineMs: 60_000, arena, logger: QUIET });
        await mill.start(PLANS);
        const count = size * parts > 500_000 ? 60 : 400;
        const grind = async () => {
          const given = Array.from({ length: parts }, () => ({
            region: arena.copy(payload, 'intake'),
            form: undefined,
            context: undefined,
          }));
          const result = await mill.grind(id, given, { priority: 'normal' });
          for (const { regions } of result.leaves) for (const region of regions) region.release();
          for (const { region } of given) region.release();
        };
        cost.push(await measure(7, count, grind));
        await mill.shutdown();
      }
      const [inline, pool] = cost;
      console.log(
        `${name.padEnd(12)} ${id.padEnd(10)} ${[inline.wallUs, pool.wallUs, pool.cpuUs, pool.cpuUs - inline.cpuUs]
          .map((us) => us.toFixed(1).padStart(12))
          .join('')}`,
      );
    }
  }
}

async function message(): Promise<void> {
  const echo = `export default (task) => task.n;`;
  const dir = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const filename = join(dir, 'echo.mjs');
  await writeFile(filename, echo);
  const parts = Array.from({ length: 100 }, (_, index) => ({ block: 3, offset: index * 1000, length: 1000 }));
  const form = { contentType: 'application/x-protobuf', encoding: 'gzip' };
  const packr = new Packr({ useRecords: false });
  const shapes: Record<string, () => unknown> = {
    nothing: () => ({ n: 1 }),
    'objects, cloned': () => ({ n: 1, parts }),
    'objects, msgpackr': () => ({ n: 1, parts: Uint8Array.from(packr.pack(parts)) }),
    'numbers in an Int32Array': () => {
      const numbers = new Int32Array(7 + parts.length * 5);
      let at = 7;
      for (const { block, offset, length } of parts) {
        numbers[at] = block;
        numbers[at + 1] = offset;
        numbers[at + 2] = length;
        at += 5;
      }
      return { n: 1, numbers };
    },
    'a form, cloned': () => ({ n: 1, form }),
    'a form, msgpackr': () => ({ n: 1, form: Uint8Array.from(packr.pack(form)) }),
    'a SharedArrayBuffer': () => ({ n: 1, buffer: BUFFER }),
  };
  for (const atomics of ['disabled', 'async'] as const) {
    console.log(`\nmessage, atomics: ${atomics}`.padEnd(34), '  wall µs    CPU µs');
    const pool = new Piscina({ filename, minThreads: 1, maxThreads: 1, atomics, recordTiming: false });
    for (const [name, shape] of Object.entries(shapes)) {
      const { wallUs, cpuUs } = await measure(7, 1000, () => pool.run(shape()));
      console.log(`${name.padEnd(33)} ${wallUs.toFixed(1).padStart(8)} ${cpuUs.toFixed(1).padStart(9)}`);
    }
    await pool.destroy();
  }
  await rm(dir, { recursive: true });
}

const BUFFER = new SharedArrayBuffer(4096);

function copy(): void {
  console.log('\ncopy out of a slab          µs');
  const arena = new Arena({ shared: true, bytesInFlightMax: 256 * 1024 * 1024 });
  for (const size of [1, 4, 16, 32, 64, 128, 512]) {
    const bytes = new Uint8Array(new SharedArrayBuffer(size * 1024)).fill(7);
    const times: number[] = [];
    for (let round = 0; round < 2000; round++) {
      const start = performance.now();
      const kept = arena.keep(bytes);
      times.push(performance.now() - start);
      kept.release();
    }
    times.sort((a, b) => a - b);
    console.log(`${`${size} KiB`.padEnd(18)} ${(times[1000] * 1000).toFixed(2).padStart(12)}`);
  }
}

async function isolation(): Promise<void> {
  console.log('\nisolation        pool µs   isolated µs');
  const plugin: IsolatedPlugin = { name: 'tag', modules: [TAG], heapMb: 256, deadlineMs: 60_000, cpu: undefined };
  for (const size of [1000, 100_000]) {
    const payload = request(size);
    const wall: string[] = [];
    for (const isolated of [[], [plugin]]) {
      const arena = new Arena({ shared: true, bytesInFlightMax: 256 * 1024 * 1024 });
      const mill = createMill({ threads: 1, heapMb: 256, deadlineMs: 60_000, arena, logger: QUIET, isolated });
      await mill.start(PLANS);
      const grind = async () => {
        const part = { region: arena.copy(payload, 'intake'), form: undefined, context: undefined };
        const result = await mill.grind('tag', [part], { priority: 'normal' });
        for (const { regions } of result.leaves) for (const region of regions) region.release();
        part.region.release();
      };
      wall.push((await measure(7, 200, grind)).wallUs.toFixed(1).padStart(12));
      await mill.shutdown();
    }
    console.log(`${`${size / 1000} kB`.padEnd(12)} ${wall.join('')}`);
  }
}

function clock(): void {
  const count = 1_000_000;
  let sum = 0;
  const start = performance.now();
  for (let index = 0; index < count; index++) sum -= performance.now() - performance.now();
  const ns = ((performance.now() - start) / count) * 1e6;
  console.log(`\nmeasuring a step ${ns.toFixed(0).padStart(8)} ns${sum < 0 ? ' (the clock goes back)' : ''}`);
}

const only = process.argv[2];
if (only === undefined || only === 'hop') await hop();
if (only === undefined || only === 'message') await message();
if (only === undefined || only === 'copy') copy();
if (only === undefined || only === 'isolation') await isolation();
if (only === undefined || only === 'clock') clock();
