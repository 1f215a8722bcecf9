import fs from 'node:fs';
import path from 'node:path';
import { publishedManifest, type SourceManifest } from './published-manifest.ts';

/** Files beside the sources that go along as they are. */
const VERBATIM = /\.mjs$/;
const TEMPLATES = 'templates';

/**
 * Puts what is published of the package in `folder` (`packages/api`) into `target`: `package.json`, `dist` with what the compiler
 * made of `src`, `bin`, README and licence.
 */
export function stagePackage(
  { root, emitted, target }: { readonly root: string; readonly emitted: string; readonly target: string },
  folder: string,
): void {
  const source = path.join(root, folder);
  const manifest = JSON.parse(fs.readFileSync(path.join(source, 'package.json'), 'utf8')) as SourceManifest;
  const dist = path.join(target, 'dist');
  fs.mkdirSync(dist, { recursive: true });
  const made = path.join(emitted, folder, 'src');
  if (fs.existsSync(made)) fs.cpSync(made, dist, { recursive: true });
  for (const file of fs.globSync('**/*.d.ts', { cwd: dist })) pointToDeclarations(path.join(dist, file));
  for (const file of fs.globSync('src/**/*', { cwd: source })) {
    if (VERBATIM.test(file)) fs.copyFileSync(path.join(source, file), path.join(dist, path.relative('src', file)));
  }
  for (const file of fs.globSync('bin/*', { cwd: source }))
    copyProgram(path.join(source, file), path.join(target, file));
  if (manifest.files?.includes(TEMPLATES))
    fs.cpSync(path.join(source, TEMPLATES), path.join(target, TEMPLATES), { recursive: true });
  const published = publishedManifest(manifest, (file) => fs.existsSync(path.join(target, file)));
  fs.writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(published, undefined, 2)}\n`);
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
  fs.writeFileSync(path.join(target, 'README.md'), readmeOf(source, manifest));
}

/** The compiler rewrites `./x.ts` in what it makes of the code, but not in the declarations. */
function pointToDeclarations(file: string): void {
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, text.replaceAll(/((?:from |import\(|import )(['"])\.{1,2}\/[^'"]*)\.ts\2/g, '$1.js$2'));
}

/** Programs are plain JavaScript that imports the compiled sources instead of the sources. */
function copyProgram(from: string, to: string): void {
  const text = fs.readFileSync(from, 'utf8');
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.writeFileSync(to, text.replaceAll(/'\.\.\/src\/([^']*)\.ts'/g, "'../dist/$1.js'"));
  fs.chmodSync(to, 0o755);
}

function readmeOf(source: string, { name, description }: SourceManifest): string {
  const own = path.join(source, 'README.md');
  if (fs.existsSync(own)) return fs.readFileSync(own, 'utf8');
  return `# ${name}\n\n${description}. Part of Millrace, which runs OpenTelemetry Collector pipelines on Node.\n`;
}
