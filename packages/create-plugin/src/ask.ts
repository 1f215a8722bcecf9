import { createInterface } from 'node:readline/promises';
import { CreateError } from './create-error.ts';
import { KINDS, parseKind } from './plugin-kind.ts';
import { parseName } from './plugin-name.ts';

interface Answers {
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

/**
 * Asks on the terminal for what was not given, until the answer is one that will do. @throws {CreateError} where there is no
 * terminal to ask on.
 */
export async function ask({ kind, name }: Answers): Promise<{ readonly kind: string; readonly name: string }> {
  if (kind !== undefined && name !== undefined) return { kind, name };
  if (!process.stdin.isTTY) {
    const missing = [kind === undefined ? '--kind' : [], name === undefined ? '--name' : []].flat();
    const text = `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing`;
    throw new CreateError('MISSING', `${text}, and there is no terminal to ask on (see --help)`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new AbortController();
  terminal.once('close', () => ended.abort());
  try {
    const until = async (question: string, check: (answer: string) => unknown): Promise<string> => {
      for (;;) {
        const answer = (await terminal.question(question, { signal: ended.signal })).trim();
        try {
          check(answer);
          return answer;
        } catch (error) {
          if (!(error instanceof CreateError)) throw error;
          process.stdout.write(`${error.message}\n`);
        }
      }
    };
    const chosen = kind ?? (await until(`Kind (${Object.keys(KINDS).join(', ')}): `, parseKind));
    return { kind: chosen, name: name ?? (await until('Name: ', (text) => parseName(text, parseKind(chosen)))) };
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    throw new CreateError('MISSING', 'no answer, so nothing was made');
  } finally {
    terminal.close();
  }
}
