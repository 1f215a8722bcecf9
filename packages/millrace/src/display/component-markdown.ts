import type { Definition, SchemaData } from '@millrace/api';

/** What the docs say about a component, from its definition alone: a section with its settings and examples. */
export function componentMarkdown(definition: Definition, headingDepth = 2): string {
  const { kind, type, aliases = [], summary, stability, config, examples } = definition;
  const also = aliases.length === 0 ? '' : ` Also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`;
  const samples = examples.map(({ title, yaml }) => `${title}:\n\n\`\`\`yaml\n${yaml}\n\`\`\``);
  const heading = `${'#'.repeat(headingDepth)} ${kind} ${type}`;
  return [heading, `${summary} Stability: ${stability}.${also}`, settingsTable(config), ...samples].join('\n\n');
}

const HEAD = ['key', 'type', 'default', 'what it does'] as const;

type Row = readonly [key: string, type: string, value: string, description: string];

function settingsTable(schema: SchemaData): string {
  const rows = settings(schema, '');
  if (rows.length === 0) return 'No settings.';
  const widths = HEAD.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** A row for each key, nested ones with their whole path. */
function settings(schema: SchemaData, prefix: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const key = `${prefix}${name}`;
    const isRequired = schema.required?.includes(name) === true;
    const inner =
      property.items?.properties === undefined ? settings(property, `${key}.`) : settings(property.items, `${key}[].`);
    return [
      [`\`${key}\``, typeOf(property), defaultOf(property, isRequired), cell(property.description ?? '')],
      ...inner,
    ];
  });
}

function typeOf(schema: SchemaData): string {
  if (schema.enum !== undefined)
    return cell(schema.enum.map((value) => `\`${value === '' ? '""' : String(value)}\``).join(', '));
  if (schema['x-type'] === 'duration') return 'duration';
  if (schema['x-type'] === 'component-id') return 'component id';
  if (schema['x-secret'] === true) return 'secret';
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'values' : typeOf(schema.items)}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return `map of ${typeOf(schema.additionalProperties)}`;
  }
  return [schema.type ?? 'any'].flat().join(' or ');
}

function defaultOf(schema: SchemaData, isRequired: boolean): string {
  if (schema.default !== undefined) {
    const text = typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default);
    return cell(text === '' ? '`""`' : `\`${text}\``);
  }
  if (isRequired) return 'required';
  return schema['x-optional'] === true ? 'off' : '';
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
