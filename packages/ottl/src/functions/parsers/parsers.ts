import type { OttlFunction } from '../../function/define-function.ts';
import { convertAttributesToElementsXml } from './convert-attributes-to-elements-xml.ts';
import { convertTextToElementsXml } from './convert-text-to-elements-xml.ts';
import { extractGrokPatterns } from './extract-grok-patterns.ts';
import { extractPatterns } from './extract-patterns.ts';
import { getXml } from './get-xml.ts';
import { insertXml } from './insert-xml.ts';
import { parseCsv } from './parse-csv.ts';
import { parseJson } from './parse-json.ts';
import { parseKeyValue } from './parse-key-value.ts';
import { parseSeverity } from './parse-severity.ts';
import { parseSimplifiedXml } from './parse-simplified-xml.ts';
import { parseXml } from './parse-xml.ts';
import { removeXml } from './remove-xml.ts';
import { toKeyValueString } from './to-key-value-string.ts';

/** Parsers of formats. In alphabetical order. */
export const PARSERS: readonly OttlFunction[] = [
  convertAttributesToElementsXml,
  convertTextToElementsXml,
  extractGrokPatterns,
  extractPatterns,
  getXml,
  insertXml,
  parseCsv,
  parseJson,
  parseKeyValue,
  parseSeverity,
  parseSimplifiedXml,
  parseXml,
  removeXml,
  toKeyValueString,
];
