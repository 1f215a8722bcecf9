import { ComponentError, type Definition } from '@millrace/api';

const SCHEME = 'millrace-value:';

/** Held weakly: they live as long as the configuration that they are used in. */
const definitions = new Map<string, WeakRef<Definition>>();
const urls = new WeakMap<Definition, string>();
const cleanup = new FinalizationRegistry<string>((url) => void definitions.delete(url));
let made = 0;

/** A module URL under which this thread, and no other, finds a definition that a program passed as a value. */
export function urlOfValue(definition: Definition): string {
  const known = urls.get(definition);
  if (known !== undefined) return known;
  const url = `${SCHEME}${definition.kind}/${definition.type}#${++made}`;
  definitions.set(url, new WeakRef(definition));
  cleanup.register(definition, url);
  urls.set(definition, url);
  return url;
}

/** The definition that a URL stands for; undefined for modules. @throws {ComponentError} in another thread. */
export function valueAt(url: string): Definition | undefined {
  if (!url.startsWith(SCHEME)) return undefined;
  const found = definitions.get(url)?.deref();
  if (found !== undefined) return found;
  const [kind, type] = url.slice(SCHEME.length).split(/[/#]/);
  throw new ComponentError(`the ${kind} "${type}" was passed as a value, which a worker cannot import`, {
    code: 'PLUGIN_VALUE_ON_WORKER',
    remedy: 'set service.workers.threads: 0, or pass the path of its module or the name of its package instead',
  });
}
