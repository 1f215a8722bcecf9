/** npm, supervisors and process groups pass a signal on, too: what comes so soon after the first one is the same one. */
const SAME_SIGNAL_MS = 500;

/**
 * Resolves with the first signal that ends the collector: SIGINT, SIGTERM, or SIGHUP where it runs on a terminal, which was
 * then closed. The next one ends the process at once. Elsewhere SIGHUP calls `onReload`.
 */
export function firstSignal(onReload: () => void): Promise<NodeJS.Signals> {
  const { stdin, stdout, stderr } = process;
  const hasTerminal = [stdin, stdout, stderr].some((stream) => stream.isTTY);
  return new Promise((resolve) => {
    let askedAtMs: number | undefined;
    // Keeps the process alive, also while it stops: everything else that waits is unreferenced. The command ends it.
    setInterval(() => undefined, 2 ** 30);
    const onSignal = (signal: NodeJS.Signals) => {
      const nowMs = performance.now();
      if (askedAtMs !== undefined) {
        if (nowMs - askedAtMs >= SAME_SIGNAL_MS) process.exit(1);
        return;
      }
      askedAtMs = nowMs;
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
    process.on('SIGHUP', hasTerminal ? onSignal : () => (askedAtMs === undefined ? onReload() : undefined));
  });
}
