/** Aborted, with the signal's name as the reason, when the first of these signals comes; the next one ends the process. */
export function untilSignal(...signals: readonly NodeJS.Signals[]): AbortSignal {
  const abort = new AbortController();
  for (const signal of signals) process.once(signal, () => abort.abort(signal));
  return abort.signal;
}
