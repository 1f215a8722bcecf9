import v8 from 'node:v8';

/** How much a heap may grow beyond what lives in it before it is collected as a whole. */
const SMALL_HEAP_GROWTH_PERCENT = 200;
/** From this on, memory is worth more than time. */
const SMALL_HEAP_BYTES_MAX = 96 * 1024 * 1024;
const CHECK_INTERVAL_MS = 5_000;

/** Sets V8's flags for a process that is a collector; must come before other modules are loaded. */
export function tuneV8() {
  keepLoopsInterruptible();
  letSmallHeapsGrow();
}

/**
 * V8 13.6 leaves out the check for interruption in unrolled loops that it takes for short, among them endless ones that
 * call `new Array(n)`: a worker in such a loop can be ended neither by its deadline nor by the bound of its heap, whose
 * breach then ends the whole process. Costs nothing that could be measured on batches.
 */
function keepLoopsInterruptible() {
  v8.setFlagsFromString('--no-turboshaft-loop-unrolling');
}

/**
 * Lets small heaps grow before they are collected: batches lie outside of V8's heap and what is in it is little, so that V8's own
 * choice collects the same few megabytes over and over (docs/performance.md). The main thread's heap decides for the process, as the flag
 * is one for all threads; workers' heaps have their own limit, which this does not change.
 */
function letSmallHeapsGrow() {
  let percent = 0;
  const choose = () => {
    const isSmall = v8.getHeapStatistics().used_heap_size <= SMALL_HEAP_BYTES_MAX;
    const chosen = isSmall ? SMALL_HEAP_GROWTH_PERCENT : 0;
    if (chosen === percent) return;
    percent = chosen;
    // 0: as V8 itself chooses.
    v8.setFlagsFromString(`--heap-growing-percent=${percent}`);
  };
  choose();
  setInterval(choose, CHECK_INTERVAL_MS).unref();
}
