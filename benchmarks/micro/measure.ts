/** Prints the best of many rounds: on a shared machine the fastest round is the one least disturbed. */
export function measure(name: string, itemsPerRun: number, run: () => void): void {
  const runs = 20;
  for (let i = 0; i < runs * 5; i++) run();
  let best = Infinity;
  for (let round = 0; round < 15; round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < runs; i++) run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / runs / itemsPerRun);
  }
  console.log(
    `  ${name.padEnd(48)} ${(1000 / best).toFixed(2).padStart(8)} M/s ${best.toFixed(0).padStart(6)} ns each`,
  );
}
