import type {
  AttributesView,
  Key,
  NewResource,
  NewScope,
  RequestBuilder,
  ResourceView,
  ScopeView,
} from '@millrace/otlp';
import { entriesOf, identityOf, scopeIdentityOf, textOf } from './identity.ts';

/** A resource in the making, with its scopes by identity. */
interface Group<Scope extends NewScope> {
  readonly resource: NewResource<Scope>;
  readonly scopes: Map<string, Scope>;
}

/** How many items brought attributes along, and how many did not. */
export interface Regrouped {
  readonly grouped: number;
  readonly notGrouped: number;
}

/** Deals the items of one batch out to new resources. */
export class Regrouping<Scope extends NewScope> implements Regrouped {
  readonly #builder: RequestBuilder<Scope>;
  readonly #keys: readonly Key[];
  readonly #groups = new Map<string, Group<Scope>>();
  #resource: ResourceView<unknown> | undefined;
  #entries = new Map<string, string>();
  /** The groups that items of the present resource went to, by the values that they brought along. */
  readonly #byValues = new Map<string, Group<Scope>>();
  #scope: ScopeView | undefined;
  #scopeIdentity = '';
  /** Of the item last dealt out, the values by position of their keys. */
  readonly #values: (Uint8Array | undefined)[] = [];
  grouped = 0;
  notGrouped = 0;

  constructor(builder: RequestBuilder<Scope>, keys: readonly Key[]) {
    this.#builder = builder;
    this.#keys = keys;
  }

  /** The resources, in the order in which their first items came. */
  get resources(): NewResource<Scope>[] {
    return [...this.#groups.values()].map(({ resource }) => resource);
  }

  enterResource(resource: ResourceView<unknown>): void {
    this.#resource = resource;
    this.#entries = entriesOf(resource.attributes);
    this.#byValues.clear();
  }

  enterScope(scope: ScopeView): void {
    this.#scope = scope;
    this.#scopeIdentity = scopeIdentityOf(scope);
  }

  /** Where an item with these attributes goes. The ones that are grouped by are taken from it. */
  scopeFor(attributes: AttributesView): Scope {
    const { scopes, resource } = this.#groupFor(this.#takeValues(attributes));
    const known = scopes.get(this.#scopeIdentity);
    if (known !== undefined) return known;
    const made = resource.addScope(this.#scope);
    scopes.set(this.#scopeIdentity, made);
    return made;
  }

  /** Moves the values to `#values`; returns a text that stands for them. */
  #takeValues(attributes: AttributesView): string {
    let text = '';
    for (let i = 0; i < this.#keys.length; i++) {
      const value = attributes.raw(this.#keys[i]);
      this.#values[i] = value;
      text += value === undefined ? '-' : `${value.length}:${textOf(value)}`;
      if (value !== undefined) attributes.delete(this.#keys[i]);
    }
    if (this.#values.every((value) => value === undefined)) this.notGrouped++;
    else this.grouped++;
    return text;
  }

  #groupFor(values: string): Group<Scope> {
    const known = this.#byValues.get(values);
    if (known !== undefined) return known;
    const entries = new Map(this.#entries);
    this.#keys.forEach(({ text }, i) => {
      if (this.#values[i] !== undefined) entries.set(text, textOf(this.#values[i]));
    });
    const identity = identityOf(entries);
    const group = this.#groups.get(identity) ?? this.#newGroup(identity);
    this.#byValues.set(values, group);
    return group;
  }

  #newGroup(identity: string): Group<Scope> {
    const resource = this.#builder.addResource(this.#resource);
    this.#keys.forEach((key, i) => {
      const value = this.#values[i];
      if (value !== undefined) resource.attributes.setRaw(key, value);
    });
    const group: Group<Scope> = { resource, scopes: new Map() };
    this.#groups.set(identity, group);
    return group;
  }
}
