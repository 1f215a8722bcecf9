/** A buffer that was not used between two of these is given back. */
const PERIOD_MS = 10_000;

/** Calls `tidy` from time to time, without keeping the process alive; the result ends that. */
export function startTidying(tidy: () => void): () => void {
  const timer = setInterval(tidy, PERIOD_MS).unref();
  return () => clearInterval(timer);
}
