import { Container } from './container.ts';
import { PROFILE, PROFILES_REQUEST, RESOURCE_ITEMS, SCOPE_ITEMS } from './message-shape.ts';
import { ProfileView } from './profile-view.ts';
import { ProfilesDictionary } from './profiles-dictionary.ts';
import { ReferencedAttributes } from './referenced-attributes.ts';
import { ResourceView } from './resource-view.ts';
import { ScopeView } from './scope-view.ts';
import { TelemetryBatch, type BatchOptions } from './telemetry-batch.ts';
import { ViewIterator } from './view-iterator.ts';
import { WireMessage } from './wire-message.ts';

export type ProfilesResourceView = ResourceView<ProfilesScopeView>;

/** A scope of a batch of profiles. */
export class ProfilesScopeView extends ScopeView<ProfilesResourceView> {
  get profiles(): IterableIterator<ProfileView> {
    this.container.restart();
    return new ViewIterator<ProfileView>(this.container, null);
  }
}

/**
 * Profiles on the wire. Unlike the other signals, two chunks can't be made one by concatenation: each has a dictionary of its own
 * that its profiles point into.
 */
export class ProfilesBatch extends TelemetryBatch {
  readonly signal = 'profiles';
  private tree: ProfilesResourceView | null = null;
  private scopes: Container | null = null;

  static of(chunks: Iterable<Uint8Array>, options: BatchOptions = {}): ProfilesBatch {
    return new ProfilesBatch(chunks, options);
  }

  get resources(): IterableIterator<ProfilesResourceView> {
    this.ensureTree();
    return this.iterate(this.tree!.container.parent!);
  }

  /** All profiles of all resources and scopes; `profile.resource` and `profile.scope` say where each is. */
  get profiles(): IterableIterator<ProfileView> {
    this.ensureTree();
    return this.iterate(this.scopes!);
  }

  /** One batch a chunk: a chunk of profiles is not cut, whatever the limits. */
  override split(): this[] {
    return this.chunks.map((chunk) => this.withChunks([chunk]));
  }

  protected override withChunks(chunks: Iterable<Uint8Array>): this {
    return new ProfilesBatch(chunks, { allocate: this.allocate }) as this;
  }

  /** The one chunk. Throws RangeError when there are several: send each by itself. */
  override toBytes(): Uint8Array {
    this.checkSingle();
    return super.toBytes();
  }

  override writeTo(target: Uint8Array, offset: number): number {
    this.checkSingle();
    return super.writeTo(target, offset);
  }

  private checkSingle(): void {
    const count = this.chunks.length;
    if (count > 1) throw new RangeError(`cannot join ${count} requests of profiles: send each of its chunks by itself`);
  }

  private ensureTree(): void {
    if (this.tree !== null) return;
    const splicer = this.makeSplicer();
    const root = new Container(null, PROFILES_REQUEST, [1], splicer);
    const dictionary = new ProfilesDictionary(root.own);
    const resource = new ResourceView<ProfilesScopeView>(new Container(root, RESOURCE_ITEMS, [2], splicer));
    const scopes = new Container(resource.container, SCOPE_ITEMS, [2], splicer);
    scopes.leaf = new WireMessage(PROFILE);
    const scope = new ProfilesScopeView(scopes, resource);
    for (const { own } of [resource.container, scopes]) void new ReferencedAttributes(own.sub(1), dictionary);
    scopes.leaf.view = new ProfileView(scopes.leaf, scope, dictionary);
    this.useRoot(root);
    this.scopes = scopes;
    this.tree = resource;
  }
}
