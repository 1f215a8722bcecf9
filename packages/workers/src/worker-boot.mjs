// Plain JavaScript, and nothing imported before the cache is on: otherwise every worker loads the compiler that strips types,
// which takes as long as all the rest of its start, and as much memory.
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.compileCache !== undefined) enableCompileCache(workerData.compileCache);
const pauseMs = Atomics.load(workerData.restartPause, 0);
if (pauseMs > 0) Atomics.wait(workerData.restartPause, 1, 0, pauseMs);
const { default: handle } = await import(workerData.entry);
export default handle;
