/** Draws sampling profiles of V8 (`.cpuprofile`, the format of the Chrome DevTools Protocol's Profiler domain) as flame graphs. */

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Frames with the same name and place under the same parents. */
interface Flame {
  readonly name: string;
  readonly place: string;
  selfUs: number;
  totalUs: number;
  readonly children: Map<string, Flame>;
}

const WIDTH = 1_200;
const ROW = 17;
const SHARE_MIN = 0.004;
const CHARACTER_WIDTH = 6.2;
/** Frames of V8's that stand for time in which the thread did nothing. */
const IDLE = new Set(['(idle)', '(root)']);

/** The profile from a time on, in microseconds after its start. */
export function since({ nodes, samples, timeDeltas }: CpuProfile, fromUs: number): CpuProfile {
  let us = 0;
  const first = timeDeltas.findIndex((delta) => (us += delta) >= fromUs);
  return { nodes, samples: samples.slice(first), timeDeltas: timeDeltas.slice(first) };
}

/** An SVG, the outermost callers at the bottom; who points at a frame reads its share. Time without work is left out. */
export function flameGraph(profile: CpuProfile, title: string): string {
  const root = flamesOf(profile);
  const rows: string[] = [];
  const depth = draw(root, { x: 0, level: 0, scale: WIDTH / root.totalUs, whole: root.totalUs, rows });
  const height = (depth + 2) * ROW + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="6" y="14" font-size="13">${escape(title)}</text>`,
    `<g transform="translate(0 ${height}) scale(1 -1)">`,
    ...rows,
    '</g></svg>\n',
  ].join('\n');
}

function flamesOf({ nodes, samples, timeDeltas }: CpuProfile): Flame {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const root = flame('all', '');
  for (const [index, sample] of samples.entries()) {
    const us = timeDeltas[index] ?? 0;
    const stack: ProfileNode[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const node = byId.get(id);
      if (node !== undefined) stack.push(node);
    }
    if (stack.length === 0 || stack[0].callFrame.functionName === '(idle)') continue;
    root.totalUs += us;
    let at = root;
    for (const { callFrame } of stack.toReversed()) {
      const name = callFrame.functionName === '' ? '(anonymous)' : callFrame.functionName;
      if (IDLE.has(name)) continue;
      const place = placeOf(callFrame.url, callFrame.lineNumber);
      const key = `${name} ${place}`;
      let next = at.children.get(key);
      if (next === undefined) at.children.set(key, (next = flame(name, place)));
      next.totalUs += us;
      at = next;
    }
    at.selfUs += us;
  }
  return root;
}

function flame(name: string, place: string): Flame {
  return { name, place, selfUs: 0, totalUs: 0, children: new Map() };
}

/** `packages/otlp/src/walker.ts:12` */
function placeOf(url: string, line: number): string {
  const file = /(?:packages|plugins|node_modules)\/.*$/.exec(url)?.[0] ?? url;
  return file === '' ? '' : `${file}:${line + 1}`;
}

function draw(
  { name, place, totalUs, children }: Flame,
  around: {
    readonly x: number;
    readonly level: number;
    readonly scale: number;
    readonly whole: number;
    readonly rows: string[];
  },
): number {
  const { x, level, scale, whole, rows } = around;
  const width = totalUs * scale;
  const y = level * ROW;
  const share = `${((totalUs / whole) * 100).toFixed(1)} %`;
  const text = name.slice(0, Math.max(0, Math.floor(width / CHARACTER_WIDTH) - 1));
  rows.push(
    `<g><title>${escape(`${name} ${place} ${share}`)}</title>` +
      `<rect x="${x.toFixed(1)}" y="${y}" width="${Math.max(width - 0.5, 0.5).toFixed(1)}" height="${ROW - 1}" fill="${colourOf(name, place)}"/>` +
      (text.length < 3
        ? ''
        : `<text x="${(x + 3).toFixed(1)}" y="${-y - 5}" transform="scale(1 -1)">${escape(text)}</text>`) +
      '</g>',
  );
  let depth = level;
  let left = x;
  for (const child of [...children.values()].toSorted((a, b) => b.totalUs - a.totalUs)) {
    if (child.totalUs / whole >= SHARE_MIN) {
      depth = Math.max(depth, draw(child, { x: left, level: level + 1, scale, whole, rows }));
    }
    left += child.totalUs * scale;
  }
  return depth;
}

/** By whose code it is. */
function colourOf(name: string, place: string): string {
  if (name === '(garbage collector)') return '#d0d0d0';
  const [, part = ''] = /^(?:packages|plugins)\/([^/]+)/.exec(place) ?? [];
  return COLOURS[part] ?? (part === '' ? '#e8e8e8' : '#b8e0b0');
}

const COLOURS: Readonly<Record<string, string>> = {
  otlp: '#f4a582',
  ottl: '#f7d08a',
  transport: '#92c5de',
  engine: '#c2a5cf',
  delivery: '#d9c2e8',
  workers: '#a6dba0',
  codec: '#fddbc7',
};

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
