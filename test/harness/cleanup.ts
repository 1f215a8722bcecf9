import { afterAll, onTestFinished } from 'vitest';

type Undo = () => void | Promise<void>;

const ofFile: Undo[] = [];

afterAll(async () => {
  for (const undo of ofFile.splice(0).toReversed()) await undo();
});

/** How long something that a test started lives. */
export type Lifetime = 'test' | 'file';

/** Has `undo` called when the present test, or the whole file, is over, whether it succeeded or not; last come, first undone. */
export function atEndOf(lifetime: Lifetime, undo: Undo): void {
  if (lifetime === 'file') ofFile.push(undo);
  else onTestFinished(undo);
}
