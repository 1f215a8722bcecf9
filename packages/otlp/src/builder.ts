import type { AttributesView } from './attributes-view.ts';
import { ByteWriter, type Allocate } from './byte-writer.ts';
import { NewChildren, type Writable } from './new-children.ts';
import { RESOURCE_ITEMS, SCOPE_ITEMS } from './message-shape.ts';
import { ResourceFields, type ResourceView } from './resource-view.ts';
import { ScopeFields, type ScopeView } from './scope-view.ts';
import { WireMessage } from './wire-message.ts';

const REQUEST_RESOURCES = 1;
const RESOURCE_SCOPES = 2;
const SCOPE_CHILDREN = 2;

/**
 * Makes an export request from nothing, or out of items of other batches. Resources and scopes stay open for more items until
 * the request is built, so that items can be dealt out to them in any order.
 */
export class RequestBuilder<Scope extends NewScope> {
  private readonly resources: NewResource<Scope>[] = [];
  private readonly makeScope: () => Scope;

  constructor(makeScope: () => Scope) {
    this.makeScope = makeScope;
  }

  /** A new resource; `like` copies attributes and all else from a resource of a batch. */
  addResource(like?: ResourceView<unknown>): NewResource<Scope> {
    const resource = new NewResource(this.makeScope, like);
    this.resources.push(resource);
    return resource;
  }

  /** The export request with everything that was added. */
  toBytes(allocate?: Allocate): Uint8Array {
    const out = new ByteWriter(allocate);
    for (const resource of this.resources) {
      const mark = out.openField(REQUEST_RESOURCES);
      resource.writeBody(out);
      out.close(mark);
    }
    return out.take();
  }
}

/** Puts attributes in place of others, with what they refer to. */
function copyAttributes(from: AttributesView, to: AttributesView): void {
  to.clear();
  for (const name of from.keys()) to.setRaw(name, from.raw(name) as Uint8Array);
}

/** A resource in the making. */
export class NewResource<Scope extends NewScope> extends ResourceFields implements Writable {
  private readonly scopes: Scope[] = [];
  private readonly makeScope: () => Scope;

  constructor(makeScope: () => Scope, like: ResourceView<unknown> | undefined) {
    super(new WireMessage(RESOURCE_ITEMS));
    this.makeScope = makeScope;
    if (like === undefined) return;
    const header = like.container.headerBytes();
    this.own.bind(header, 0, header.length);
    if (like.hasReferences) copyAttributes(like.attributes, this.attributes);
  }

  /** A new scope; `like` copies name, attributes and all else from a scope of a batch. */
  addScope(like?: ScopeView): Scope {
    const scope = this.makeScope();
    if (like !== undefined) scope.copyHeader(like);
    this.scopes.push(scope);
    return scope;
  }

  writeBody(out: ByteWriter): void {
    this.own.writeBody(out);
    for (const scope of this.scopes) {
      const mark = out.openField(RESOURCE_SCOPES);
      scope.writeBody(out);
      out.close(mark);
    }
  }
}

/** A scope in the making; each signal adds its items. */
export abstract class NewScope extends ScopeFields implements Writable {
  private readonly children = new NewChildren();

  constructor() {
    super(new WireMessage(SCOPE_ITEMS));
  }

  /** @internal */
  copyHeader(like: ScopeView): void {
    const header = like.container.headerBytes();
    this.own.bind(header, 0, header.length);
    if (like.hasReferences) copyAttributes(like.attributes, this.attributes);
  }

  protected begin<T extends Writable>(child: T): T {
    this.children.begin(child, SCOPE_CHILDREN);
    return child;
  }

  protected copy(child: Writable): void {
    this.children.add(child, SCOPE_CHILDREN);
  }

  writeBody(out: ByteWriter): void {
    this.own.writeBody(out);
    this.children.writeTo(out);
  }
}
