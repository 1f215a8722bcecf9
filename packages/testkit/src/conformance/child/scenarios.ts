import { type Lifecycle, messageOf } from '@millrace/api';
import type { Census } from './census.ts';
import type { ChildCase, ScenarioName } from './messages.ts';
import type { Rig } from './rigs.ts';

/** Errors of the system, by which a component says that this machine lacks what its config asks for. */
const OUTSIDE_WORLD = /^(?:E[A-Z]{2,}|ENOTFOUND|LISTEN(?:_FAILED)?|ERR_[A-Z_]+)$/;

/** Looks at what a component still does after so much time. */
const AFTERLIFE_MS = 60_000;

/** Plays one scenario with a fresh component and tells what was wrong. */
export async function play(census: Census, make: () => Rig, name: ScenarioName, how: ChildCase): Promise<string[]> {
  const before = census.take();
  const problems: string[] = [];
  const { rig, failure } = attempt(make);
  if (rig === undefined) return how.start === 'may-fail' ? [] : [`it cannot be created: ${failure}`];
  let started = true;
  if (name !== 'shutdown-without-start') {
    const error = await start(rig);
    started = error === undefined;
    if (started && how.start === 'fails') problems.push('start() succeeded with a config that must fail');
    if (error !== undefined && !mayFail(error, how)) problems.push(`start() failed: ${describe(error)}`);
  }
  if (started && name === 'shutdown-during-work') await rig.work();
  problems.push(...(await stop(census, rig)));
  if (name === 'shutdown-twice') problems.push(...(await stop(census, rig)));
  problems.push(...(await afterlife(census, rig)));
  for (const leftover of await census.leftovers(before)) problems.push(`left behind: ${leftover}`);
  return problems;
}

function attempt(make: () => Rig): { readonly rig?: Rig; readonly failure?: string } {
  try {
    return { rig: make() };
  } catch (error) {
    return { failure: messageOf(error) };
  }
}

async function start({ lifecycle }: Rig): Promise<Error | undefined> {
  try {
    await lifecycle.start?.();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function mayFail(error: Error, how: ChildCase): boolean {
  if (how.start === 'fails') return true;
  const { code } = error as { code?: unknown };
  return how.start === 'may-fail' && typeof code === 'string' && OUTSIDE_WORLD.test(code);
}

function describe(error: Error): string {
  const { code } = error as { code?: unknown };
  return `${error.message}${typeof code === 'string' ? ` (${code})` : ''}`;
}

/** Calls shutdown and lets time pass, real and simulated, until it is done. */
async function stop(census: Census, rig: Rig): Promise<readonly string[]> {
  const { lifecycle, host } = rig;
  const ending = shutdown(lifecycle);
  const state: { ended: boolean; problem?: string } = { ended: false };
  ending.then(
    () => void (state.ended = true),
    (error: unknown) => {
      state.ended = true;
      state.problem = `shutdown() rejected: ${messageOf(error)}`;
    },
  );
  rig.letGo();
  for (let look = 0; !state.ended && look < 200; look++) {
    // At first only the outside world goes on; then grace periods are cut short.
    if (look >= 80 && look % 5 === 0) await host.manualClock.advance(5_000);
    else await (look < 20 ? host.manualClock.settle() : census.pause());
  }
  if (!state.ended) return ['shutdown() does not end'];
  return state.problem === undefined ? [] : [state.problem];
}

async function shutdown(lifecycle: Lifecycle): Promise<void> {
  await lifecycle.shutdown?.();
}

/** What it does, and still has, when it should be over. */
async function afterlife(census: Census, rig: Rig): Promise<readonly string[]> {
  const { host } = rig;
  const problems: string[] = [];
  const done = rig.activity();
  if (host.manualClock.pending > 0) problems.push(`left behind: ${host.manualClock.pending} × timer of host.clock`);
  await host.manualClock.advance(AFTERLIFE_MS);
  for (let look = 0; look < 10; look++) await census.pause();
  const more = rig.activity() - done;
  if (more > 0) problems.push(`it went on after shutdown: it handed over ${more} more payloads or batches`);
  problems.push(...rig.faults());
  return problems;
}
