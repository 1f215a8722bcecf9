import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
/** Where the workspace's own packages lie; npm links them by name below node_modules. */
const WORKSPACES = ['packages', 'plugins'];

/** Another revision of this repository in a folder of its own, ready to run with the dependencies that are installed here. */
export class Checkout {
  readonly folder: string;
  readonly #parent: string;

  private constructor(parent: string) {
    this.#parent = parent;
    this.folder = path.join(parent, 'millrace');
  }

  /** Throws where git does not know the revision. */
  static of(revision: string): Checkout {
    const checkout = new Checkout(mkdtempSync(path.join(tmpdir(), 'millrace-checkout-')));
    try {
      git(['worktree', 'add', '--quiet', '--detach', checkout.folder, revision]);
      checkout.#linkDependencies();
    } catch (error) {
      checkout.remove();
      throw error;
    }
    return checkout;
  }

  remove(): void {
    if (existsSync(this.folder)) git(['worktree', 'remove', '--force', this.folder]);
    rmSync(this.#parent, { recursive: true, force: true });
  }

  /** Third-party packages are those of this checkout; the workspace's own have to be its. */
  #linkDependencies(): void {
    const own = this.#ownPackages();
    const [from, to] = [path.join(root, 'node_modules'), path.join(this.folder, 'node_modules')];
    for (const name of packagesIn(from)) {
      if (own.has(name) || name.startsWith('@millrace/')) continue;
      link(path.join(from, name), path.join(to, name));
    }
    for (const [name, folder] of own) link(folder, path.join(to, name));
  }

  /** Folders by package name. */
  #ownPackages(): Map<string, string> {
    const own = new Map<string, string>();
    for (const workspace of WORKSPACES) {
      const parent = path.join(this.folder, workspace);
      for (const folder of existsSync(parent) ? readdirSync(parent) : []) {
        const manifest = path.join(parent, folder, 'package.json');
        if (!existsSync(manifest)) continue;
        const { name } = JSON.parse(readFileSync(manifest, 'utf8')) as { name: string };
        own.set(name, path.join(parent, folder));
      }
    }
    return own;
  }
}

/** What git prints; throws where it fails. */
export function git(args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
}

function packagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(path.join(folder, name)).map((inner) => `${name}/${inner}`) : name,
    );
}

function link(target: string, place: string): void {
  mkdirSync(path.dirname(place), { recursive: true });
  symlinkSync(target, place, 'junction');
}
