import type { ReloadReport } from '@millrace/engine';
import { ControlClient, type WhichCollector } from '../control/control-client.ts';
import type { ReloadCheck } from '../control/control-routes.ts';
import { printFailure } from './print-failure.ts';
import { counted } from './read-config.ts';

export interface ReloadOptions extends WhichCollector {
  /** Nothing is changed. */
  readonly check: boolean;
  readonly output: 'text' | 'json';
}

/** Has a running collector take its configuration up again, as SIGHUP does. The result is the exit code. */
export async function reload(options: ReloadOptions): Promise<number> {
  const { stdout, stderr } = process;
  try {
    const client = await ControlClient.find(options);
    const answer = await client.ask('POST', options.check ? '/reload?check=true' : '/reload');
    const needs = options.check ? (answer as ReloadCheck).restartNeeds : [];
    if (options.output === 'json') stdout.write(`${JSON.stringify(answer)}\n`);
    else stdout.write(options.check ? checkText(needs) : reportText(answer as ReloadReport));
    return needs.length === 0 ? 0 : 1;
  } catch (error) {
    printFailure('reload', error, stderr);
    return 1;
  }
}

function checkText(needs: readonly string[]): string {
  if (needs.length === 0) return 'the configuration can be taken up\n';
  return `a reload would be refused: only a restart can change ${needs.join(', ')}\n`;
}

function reportText({ started, stopped, steps, kept, durationMs }: ReloadReport): string {
  const changed = steps.length === 0 ? '' : `${counted(steps.length, 'step')} changed, `;
  const lines = [
    ...stopped.map((name) => `- ${name}`),
    ...started.map((name) => `+ ${name}`),
    ...steps.map((name) => `~ ${name}`),
    `reloaded in ${Math.round(durationMs)} ms: ${started.length} started, ${stopped.length} stopped, ${changed}${kept} kept`,
  ];
  return `${lines.join('\n')}\n`;
}
