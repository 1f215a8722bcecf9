/**
 * Has `shutdown` run when one of these signals comes first. Afterwards the signal has the effect that it would have had:
 * it ends the process, unless the program listens to it itself. The result takes the listeners away.
 */
export function shutdownOn(signals: readonly NodeJS.Signals[], shutdown: () => Promise<unknown>): () => void {
  const stop = () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    const raise = () => {
      stop();
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    shutdown().then(raise, raise);
  };
  for (const signal of signals) process.on(signal, onSignal);
  return stop;
}
