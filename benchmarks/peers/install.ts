import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

const here = import.meta.dirname;
/** Outside of git; what is built stays until `--install` builds it anew. */
const CACHE = path.join(here, '../../.cache/peers');
const MANIFEST = path.join(here, 'collector-build.yaml');
const SOURCES = path.join(CACHE, 'collector');
const BUILT_BINARY = path.join(CACHE, 'otelcol-peer');
/** Another build of the Collector takes its place when COLLECTOR_BIN names it. */
export const COLLECTOR_BINARY = process.env['COLLECTOR_BIN'] ?? BUILT_BINARY;
export const TELEMETRYGEN_BINARY = path.join(CACHE, 'telemetrygen');

const BUILDER = 'go.opentelemetry.io/collector/cmd/builder';
const TELEMETRYGEN = 'github.com/open-telemetry/opentelemetry-collector-contrib/cmd/telemetrygen';
const GO_PLACES = ['/usr/local/go/bin/go', '/usr/lib/go/bin/go', '/opt/homebrew/bin/go'];

interface Manifest {
  readonly dist: { readonly name: string; readonly version: string; readonly go_version: string };
  readonly [section: string]: unknown;
}

/** Why there is nothing to compare with, and what to do about it; undefined where there is. */
export function missing(): string | undefined {
  if (existsSync(COLLECTOR_BINARY)) return undefined;
  return findGo() === undefined
    ? 'The Go Collector is not installed, and there is no Go to build it with: install Go (https://go.dev/dl), then run npm run bench:peers -- --install'
    : 'The Go Collector is not installed: npm run bench:peers -- --install builds it with Go (a few minutes)';
}

/**
 * Builds the Collector and telemetrygen with Go from their published modules, in the versions of the manifest.
 * Throws where there is no Go, or something cannot be had.
 */
export function install(): void {
  const go = findGo();
  if (go === undefined) throw new Error(missing());
  mkdirSync(CACHE, { recursive: true });
  const manifest = parse(readFileSync(MANIFEST, 'utf8')) as Manifest;
  const { version } = manifest.dist;
  console.log(`building the Collector ${version} with ${run(go, ['version']).trim()} in ${CACHE}`);
  run(go, ['install', `${BUILDER}@v${version}`]);
  rmSync(SOURCES, { recursive: true, force: true });
  // The builder's own `go mod tidy` also wants the modules of the components' tests, which are not needed.
  const flags = ['--skip-get-modules', '--skip-compilation', '--config', MANIFEST];
  run(path.join(CACHE, 'builder'), flags, { cwd: CACHE });
  writeFileSync(path.join(SOURCES, 'go.mod'), goModule(manifest));
  const linker = '-ldflags=-s -w';
  run(go, ['build', '-mod=mod', '-trimpath', linker, '-o', BUILT_BINARY, '.'], { cwd: SOURCES });
  run(go, ['install', `${TELEMETRYGEN}@v${version}`]);
}

/** The module file of what the builder generated: the manifest's modules, and the core that runs them. */
function goModule({ dist, ...sections }: Manifest): string {
  const components = Object.values(sections).flatMap((list) =>
    (list as readonly { readonly gomod: string }[]).map(({ gomod }) => gomod),
  );
  const core = ['component', 'confmap'].map(
    (name) => `go.opentelemetry.io/collector/${name} ${stableVersion(sections)}`,
  );
  const modules = [...components, ...core, `go.opentelemetry.io/collector/otelcol v${dist.version}`];
  const lines = modules.map((module) => `\t${module}`).join('\n');
  return `module go.opentelemetry.io/collector/cmd/builder\n\ngo ${dist.go_version}\n\nrequire (\n${lines}\n)\n`;
}

/** The core's stable modules have versions of their own, which the providers share. */
function stableVersion(sections: Readonly<Record<string, unknown>>): string {
  const [first] = sections['providers'] as readonly { readonly gomod: string }[];
  return first.gomod.split(' ')[1];
}

function findGo(): string | undefined {
  const onPath = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, 'go'));
  return [...onPath, ...GO_PLACES].find((file) => existsSync(file));
}

function run(command: string, args: readonly string[], options: { readonly cwd?: string } = {}): string {
  return execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GOBIN: CACHE, CGO_ENABLED: '0' },
    ...options,
  });
}
