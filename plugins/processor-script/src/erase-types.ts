import { stripTypeScriptTypes } from 'node:module';

/** Replaces types by spaces, so that every position stays. @throws SyntaxError whose stack shows the place */
export function eraseTypes(text: string): string {
  // Node warns once that this function is experimental, which people who write a configuration cannot help.
  const saved: unknown = Reflect.get(process, 'emitWarning');
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(text, { mode: 'strip' });
  } finally {
    Reflect.set(process, 'emitWarning', saved);
  }
}
