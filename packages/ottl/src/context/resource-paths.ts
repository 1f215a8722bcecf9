import { attributesField, int32Field, stringField, type PathTable } from './field.ts';
import type { AttributesView } from '@millrace/otlp';

/** What the resource views of all signals have. */
export interface ResourceShown {
  readonly attributes: AttributesView;
  droppedAttributesCount: number;
  schemaUrl: string;
}

export const RESOURCE_PATHS: PathTable<ResourceShown> = {
  attributes: attributesField('attributes'),
  dropped_attributes_count: int32Field('droppedAttributesCount', 'unsigned'),
  schema_url: stringField('schemaUrl'),
};
