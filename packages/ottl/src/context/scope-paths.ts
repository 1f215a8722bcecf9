import { attributesField, int32Field, stringField, type PathTable } from './field.ts';
import type { AttributesView } from '@millrace/otlp';
import type { ResourceShown } from './resource-paths.ts';

/** What the scope views of all signals have. */
export interface ScopeShown {
  readonly attributes: AttributesView;
  readonly resource: ResourceShown;
  name: string;
  version: string;
  droppedAttributesCount: number;
  schemaUrl: string;
}

export const SCOPE_PATHS: PathTable<ScopeShown> = {
  attributes: attributesField('attributes'),
  dropped_attributes_count: int32Field('droppedAttributesCount', 'unsigned'),
  name: stringField('name'),
  schema_url: stringField('schemaUrl'),
  version: stringField('version'),
};
