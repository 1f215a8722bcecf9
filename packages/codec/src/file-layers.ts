import type { StreamingCodec } from './decompress-stream.ts';

/** One wrapping of a file: an encryption or a compression. */
export type FileLayer = 'age' | Exclude<StreamingCodec, 'none' | 'deflate'>;

/** A file name taken apart. */
export interface FileLayers {
  /** The name without its layers' extensions. */
  readonly baseName: string;
  /** Outermost first: the order in which to undo them. */
  readonly layers: readonly FileLayer[];
}

/** The extension, without a dot, that each layer's own program uses. */
export const LAYER_EXTENSIONS: Readonly<Record<FileLayer, string>> = {
  age: 'age',
  gzip: 'gz',
  zstd: 'zst',
  lz4: 'lz4',
  zlib: 'zz',
  'x-snappy-framed': 'sz',
};

/** `logs/x.jsonl.zst.age` is `logs/x.jsonl` under age, zstd. Directories stay; case does not matter; unknown extensions end the chain. */
export function layersOfFileName(name: string): FileLayers {
  const layers: FileLayer[] = [];
  let baseName = name;
  while (true) {
    const dot = baseName.lastIndexOf('.');
    const layer = dot > baseName.lastIndexOf('/') + 1 ? layerOfExtension(baseName.slice(dot + 1)) : undefined;
    if (layer === undefined) return { baseName, layers };
    layers.push(layer);
    baseName = baseName.slice(0, dot);
  }
}

/** The name of a file with `layers` (outermost first) around what `baseName` names. The inverse of {@link layersOfFileName}. */
export function fileNameOfLayers({ baseName, layers }: FileLayers): string {
  return [baseName, ...layers.toReversed().map((layer) => LAYER_EXTENSIONS[layer])].join('.');
}

function layerOfExtension(extension: string): FileLayer | undefined {
  const wanted = extension.toLowerCase();
  for (const [layer, known] of Object.entries(LAYER_EXTENSIONS)) if (known === wanted) return layer as FileLayer;
  return undefined;
}
