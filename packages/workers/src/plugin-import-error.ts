import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ComponentError, messageOf } from '@millrace/api';
import { pluginFiles, withoutVersion } from './plugin-files.ts';
import { frameIn } from './plugin-frame.ts';

/** Says why a plugin could not be imported, and where in it. */
export function importFailure(error: unknown, url: string, name: string): ComponentError {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING') {
    return new ComponentError(`plugin ${name} is TypeScript under node_modules, which Node does not run`, {
      code: 'PLUGIN_TYPESCRIPT_IN_PACKAGE',
      remedy: 'publish the package as JavaScript, or keep the .ts file outside node_modules and name its path',
      cause: error,
    });
  }
  if (error instanceof SyntaxError) {
    return new ComponentError(`plugin ${name} does not parse: ${positionOf(error, url)}${error.message.trim()}`, {
      code: 'PLUGIN_SYNTAX',
      remedy:
        code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'
          ? 'Node only strips types: avoid enums, namespaces and parameter properties'
          : 'correct the file',
      cause: error,
    });
  }
  if (code === 'ERR_MODULE_NOT_FOUND') {
    return new ComponentError(`plugin ${name} imports something that is not there: ${messageOf(error)}`, {
      code: 'PLUGIN_IMPORT_MISSING',
      remedy: 'install what it imports; relative imports need their file ending',
      cause: error,
    });
  }
  return new ComponentError(`plugin ${name} throws when it is imported: ${placeOf(error, url)}${messageOf(error)}`, {
    code: 'PLUGIN_THROWS_AT_IMPORT',
    remedy: 'plugin modules must have no side effects; move them into start()',
    cause: error,
  });
}

/** `file:line:column: ` of a syntax error, from the excerpt that Node puts before the stack. */
function positionOf(error: SyntaxError, url: string): string {
  return (
    excerptPosition(error) ??
    excerptPosition(parseAgain(url)) ??
    (url.startsWith('file:') ? `${fileURLToPath(url)}: ` : '')
  );
}

function placeOf(error: unknown, url: string): string {
  const frame = frameIn(error, url);
  return frame === undefined ? '' : `${frame}: `;
}

function excerptPosition(error: SyntaxError | undefined): string | undefined {
  const [place = '', ...lines] = (error?.stack ?? '').split('\n');
  const at = /^(?:file:\/\/)?(\/.*?)(?:\?version=\d+)?:(\d+)$/.exec(place);
  const caret = lines.find((line) => /^ *\^+ *$/.test(line));
  if (at === null || caret === undefined) return undefined;
  return `${at[1]}:${at[2]}:${caret.indexOf('^') + 1}: `;
}

/** V8 tells no position for JavaScript modules; the TypeScript parser does, and reads JavaScript too. */
function parseAgain(url: string): SyntaxError | undefined {
  for (const path of pluginFiles(withoutVersion(url)[0])) {
    try {
      stripTypeScriptTypes(readFileSync(path, 'utf8'), { sourceUrl: path });
    } catch (error) {
      if (error instanceof SyntaxError) return error;
    }
  }
  return undefined;
}
