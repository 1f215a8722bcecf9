import type { Definition, Kind, Signal } from '@millrace/api';
import type { ConformanceOptions } from './options.ts';

/** Where components of a kind stand in a configuration. */
export const SECTIONS = {
  receiver: 'receivers',
  processor: 'processors',
  exporter: 'exporters',
  connector: 'connectors',
  extension: 'extensions',
} as const satisfies Record<Kind, string>;

type Receiving = ConformanceOptions['receiving'];

/** The id that an entry (`type/name: {...}`) defines. */
export function entryId(yaml: string): string {
  const found = /^(?!\s*#)\s*(?:"([^"]+)"|'([^']+)'|([^\s:]+))\s*:/m.exec(yaml);
  const id = found?.[1] ?? found?.[2] ?? found?.[3];
  if (id === undefined) throw new Error(`no "type/name:" in: ${yaml}`);
  return id;
}

/** A configuration that has the component in a pipeline of each signal, between `test/in` and `test/out`. */
export function wire(
  definition: Definition,
  yaml: string,
  signals: readonly Signal[],
  { receiving, service = {} }: { readonly receiving?: Receiving; readonly service?: object } = {},
): string {
  const id = entryId(yaml);
  const sections = new Map<string, string>([
    ['receivers', '  test/in:'],
    ['exporters', '  test/out:'],
  ]);
  const own = SECTIONS[definition.kind];
  const entry = yaml.replaceAll(/^/gm, '  ');
  sections.set(own, own === 'receivers' || own === 'exporters' ? entry : `${sections.get(own) ?? ''}${entry}`);
  const text = [...sections].map(([section, body]) => `${section}:\n${body}\n`).join('');
  const extensions = definition.kind === 'extension' ? [id] : [];
  return `${text}service: ${JSON.stringify({ extensions, pipelines: pipelines(definition, id, { signals, receiving }), ...service })}\n`;
}

/** Ids of the pipelines of a signal that receive from a connector. */
export function receivingOf(receiving: Receiving, connector: string, to: Signal): readonly string[] {
  const named = receiving?.[connector] ?? [`${to}/after`];
  return named.filter((id) => id.split('/')[0] === to);
}

function pipelines(
  definition: Definition,
  id: string,
  { signals, receiving }: { readonly signals: readonly Signal[]; readonly receiving: Receiving },
): object {
  const through = (around: object) =>
    Object.fromEntries(
      signals.map((signal) => [signal, { receivers: ['test/in'], exporters: ['test/out'], ...around }]),
    );
  switch (definition.kind) {
    case 'receiver':
      return through({ receivers: [id] });
    case 'exporter':
      return through({ exporters: [id] });
    case 'processor':
      return through({ processors: [id] });
    case 'extension':
      return { logs: { receivers: ['test/in'], exporters: ['test/out'] } };
    case 'connector': {
      const routes = definition.routes.filter(({ from }) => signals.includes(from));
      const before = routes.map(({ from }) => [`${from}/before`, { receivers: ['test/in'], exporters: [id] }]);
      const after = routes
        .flatMap(({ to }) => receivingOf(receiving, id, to))
        .map((pipeline) => [pipeline, { receivers: [id], exporters: ['test/out'] }]);
      return Object.fromEntries([...before, ...after]) as object;
    }
  }
}
