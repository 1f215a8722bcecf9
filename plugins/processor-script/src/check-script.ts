import type { ConfigFault } from '@millrace/api';
import { compileScript, type ScriptTools } from './compile-script.ts';
import { Deadline, LOAD_MS } from './deadline.ts';
import { ScriptError } from './script-error.ts';
import type { ScriptSettings } from './script-settings.ts';
import { ITEM_FUNCTIONS, sourcesOf } from './script-source.ts';

const NO_TOOLS: ScriptTools = {
  count: () => undefined,
  nowUnixNano: () => 0n,
  logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
};

/** Whether there are scripts, and everything that can be found wrong with them before there is data. */
export function checkScript(settings: ScriptSettings): ConfigFault[] {
  const { code, file } = settings;
  if (code !== undefined && file !== undefined) {
    return [{ path: ['file'], message: 'both code and file are set', remedy: 'keep one of them' }];
  }
  if (code === undefined && file === undefined && ITEM_FUNCTIONS.every((name) => settings[name] === undefined)) {
    return [{ path: [], message: 'there is no script', remedy: 'set code or file, or one of log, span and point' }];
  }
  const faults: ConfigFault[] = [];
  const deadline = new Deadline(LOAD_MS);
  const declaredBy = new Map<string, string>();
  try {
    for (const source of sourcesOf(settings)) {
      try {
        for (const name of compileScript(source, { tools: NO_TOOLS, deadline }).keys()) {
          const other = declaredBy.get(name);
          if (other !== undefined) faults.push(doubled(source.key, name, other));
          declaredBy.set(name, source.name);
        }
      } catch (error) {
        faults.push(faultOf(error));
      }
    }
  } catch (error) {
    faults.push(faultOf(error));
  }
  return faults;
}

function doubled(key: string, name: string, other: string): ConfigFault {
  return { path: [key], message: `${other} declares the function ${name}, too`, remedy: 'keep one of them' };
}

function faultOf(error: unknown): ConfigFault {
  if (!(error instanceof ScriptError)) throw error;
  return { path: [error.key], message: error.message };
}
