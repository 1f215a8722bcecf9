import { type Schema, Type } from '@millrace/api';

/** Which attributes are added. */
export type Flags = Readonly<Record<string, { readonly enabled: boolean }>>;

/** `resource_attributes` of one detector: which attributes it adds, with what holds by default. */
export function flags(defaults: Readonly<Record<string, boolean>>): Schema<Flags> {
  const properties = Object.fromEntries(
    Object.entries(defaults).map(([attribute, enabled]) => [
      attribute,
      Type.Object(
        { enabled: Type.Boolean({ default: enabled, description: `Whether ${attribute} is added.` }) },
        { description: `The attribute ${attribute}.` },
      ),
    ]),
  );
  return Type.Object(properties, { description: 'Which attributes are added.' }) as Schema<Flags>;
}

export const off = (...attributes: string[]) => Object.fromEntries(attributes.map((attribute) => [attribute, false]));
export const on = (...attributes: string[]) => Object.fromEntries(attributes.map((attribute) => [attribute, true]));
