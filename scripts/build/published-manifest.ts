/** A package.json of the workspace, as far as publishing asks. */
export interface SourceManifest {
  readonly name: string;
  readonly description: string;
  readonly exports?: Readonly<Record<string, string>>;
  readonly files?: readonly string[];
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
}

/** Millrace runs on what Node has from this version on. */
const ENGINES = { node: '>=24' };

/** The package.json that is published: its exports lead to the compiled files. `exists` looks into the published folder. */
export function publishedManifest(source: SourceManifest, exists: (file: string) => boolean): object {
  const { exports, scripts: _scripts, devDependencies: _tools, ...rest } = source;
  const compiled = Object.entries(exports ?? {}).flatMap(([name, file]) => {
    const script = file.replace(/^\.\/src\//, './dist/').replace(/\.ts$/, '.js');
    // What only this checkout's own tests import is not compiled.
    if (!exists(script)) return [];
    return [[name, { types: script.replace(/\.js$/, '.d.ts'), default: script }]];
  });
  return {
    ...rest,
    engines: ENGINES,
    ...(compiled.length === 0
      ? {}
      : { exports: { ...Object.fromEntries(compiled), './package.json': './package.json' } }),
    publishConfig: { access: 'public' },
  };
}
