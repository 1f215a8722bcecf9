import { AttributesView } from './attributes-view.ts';
import type { Container } from './container.ts';
import { getString, getUint32, setString, setUint32 } from './scalar-fields.ts';
import type { ResourceView } from './resource-view.ts';
import type { WireMessage } from './wire-message.ts';

/** The fields of an instrumentation scope, whether in a batch or in the making. */
export class ScopeFields {
  readonly attributes: AttributesView;
  /** ScopeLogs, ScopeSpans or ScopeMetrics, and the InstrumentationScope in it. */
  protected readonly own: WireMessage;
  private readonly header: WireMessage;

  constructor(own: WireMessage) {
    this.own = own;
    this.header = own.sub(1);
    this.attributes = new AttributesView(this.header.lists[0]);
  }

  get name(): string {
    return getString(this.header, 1);
  }
  set name(value: string) {
    setString(this.header, 1, value);
  }

  get version(): string {
    return getString(this.header, 2);
  }
  set version(value: string) {
    setString(this.header, 2, value);
  }

  /** @internal Whether attributes may lie elsewhere: in the dictionary of profiles. */
  get hasReferences(): boolean {
    return this.header.derived !== null;
  }

  get droppedAttributesCount(): number {
    return getUint32(this.header, 4);
  }
  set droppedAttributesCount(value: number) {
    setUint32(this.header, 4, value);
  }

  get schemaUrl(): string {
    return getString(this.own, 3);
  }
  set schemaUrl(value: string) {
    setString(this.own, 3, value);
  }
}

/** An instrumentation scope of a resource; each signal adds its items. A cursor: it shows another scope when the loop goes on. */
export abstract class ScopeView<Resource = ResourceView<unknown>> extends ScopeFields {
  readonly resource: Resource;
  /** @internal */
  readonly container: Container;

  constructor(container: Container, resource: Resource) {
    super(container.own);
    this.container = container;
    this.resource = resource;
    container.view = this;
  }

  /** Leaves out the scope with all its items. */
  drop(): void {
    this.container.drop();
  }
}
