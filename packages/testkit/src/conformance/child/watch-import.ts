import type { Census } from './census.ts';

/** Imports a module and tells what it did besides. */
export async function watchImport(census: Census, load: () => Promise<unknown>): Promise<readonly string[]> {
  const problems: string[] = [];
  const before = { resources: census.take(), globals: globalNames(), env: { ...process.env }, cwd: process.cwd() };
  const restore = watchOutput((where, text) => problems.push(`it wrote to ${where}: ${JSON.stringify(text)}`));
  try {
    await load();
    for (let turn = 0; turn < 3; turn++) await census.pause();
  } catch (error) {
    problems.push(`it cannot be imported: ${String(error)}`);
  } finally {
    restore();
  }
  const added = [...globalNames()].filter((name) => !before.globals.has(name));
  if (added.length > 0) problems.push(`it defined the globals ${added.join(', ')}`);
  for (const name of new Set([...Object.keys(before.env), ...Object.keys(process.env)])) {
    if (before.env[name] !== process.env[name]) problems.push(`it changed the environment variable ${name}`);
  }
  if (process.cwd() !== before.cwd) problems.push('it changed the working directory');
  for (const leftover of await census.leftovers(before.resources)) problems.push(`it left ${leftover} running`);
  return problems;
}

function globalNames(): Set<string> {
  // Node defines undici's when `fetch` or an http agent is first touched.
  const names = Reflect.ownKeys(globalThis).map(String);
  return new Set(names.filter((name) => !name.startsWith('Symbol(undici.')));
}

function watchOutput(report: (where: string, text: string) => void): () => void {
  const restores = (['stdout', 'stderr'] as const).map((name) => {
    const stream = process[name];
    const write = stream.write.bind(stream);
    stream.write = (chunk: unknown) => {
      report(name, String(chunk).slice(0, 200));
      return true;
    };
    return () => void (stream.write = write);
  });
  return () => {
    for (const restore of restores) restore();
  };
}
