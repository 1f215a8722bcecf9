import { AttributesView } from './attributes-view.ts';
import type { NewResource, NewScope } from './builder.ts';
import type { Container } from './container.ts';
import { getString, getUint32, setString, setUint32 } from './scalar-fields.ts';
import { ViewIterator } from './view-iterator.ts';
import type { WireMessage } from './wire-message.ts';

/** Field of an export request in which its resources lie, whatever the signal. */
const RESOURCES = 1;

/** The fields of a resource, whether in a batch or in the making. */
export class ResourceFields {
  readonly attributes: AttributesView;
  /** ResourceLogs, ResourceSpans or ResourceMetrics, and the Resource in it. */
  protected readonly own: WireMessage;
  private readonly header: WireMessage;

  constructor(own: WireMessage) {
    this.own = own;
    this.header = own.sub(1);
    this.attributes = new AttributesView(this.header.lists[0]);
  }

  /** @internal Whether attributes may lie elsewhere: in the dictionary of profiles. */
  get hasReferences(): boolean {
    return this.header.derived !== null;
  }

  get droppedAttributesCount(): number {
    return getUint32(this.header, 2);
  }
  set droppedAttributesCount(value: number) {
    setUint32(this.header, 2, value);
  }

  get schemaUrl(): string {
    return getString(this.own, 3);
  }
  set schemaUrl(value: string) {
    setString(this.own, 3, value);
  }
}

/** A resource and what it produced. A cursor: it shows another resource when the loop goes on. */
export class ResourceView<Scope> extends ResourceFields {
  /** @internal */
  readonly container: Container;

  constructor(container: Container) {
    super(container.own);
    this.container = container;
    container.view = this;
  }

  get scopes(): IterableIterator<Scope> {
    this.container.restart();
    return new ViewIterator<Scope>(this.container, null);
  }

  /** Puts a resource in the making behind all others of the request that this one is in. A loop that runs does not see it. */
  addBehind<New extends NewScope>(resource: NewResource<New>): void {
    this.container.parent?.add(resource, RESOURCES);
  }

  /** Leaves out the resource with all its scopes and items. */
  drop(): void {
    this.container.drop();
  }
}
