import { type ConfigFault, type Schema, type Static, Type } from '@millrace/api';
import { encodeAnyValue, type AnyValueInput } from '@millrace/otlp';
import { compilePattern } from '@millrace/pattern';

const ACTIONS = ['insert', 'update', 'upsert', 'delete', 'hash', 'extract', 'convert'] as const;
export type ActionName = (typeof ACTIONS)[number];

/** One entry of `actions` (or of the resource processor's `attributes`), with the Collector's keys. */
const attributeAction = Type.Object({
  key: Type.String({ default: '', description: 'The attribute to act upon.' }),
  action: Type.String({
    description: `What to do: ${ACTIONS.join(', ')}.`,
    examples: ACTIONS,
  }),
  value: Type.Optional(
    Type.Any({ description: 'For insert, update and upsert: the value; its type is that of what is written.' }),
  ),
  from_attribute: Type.String({
    default: '',
    description: 'For insert, update and upsert: takes the value from here.',
  }),
  from_context: Type.String({
    default: '',
    description:
      'For insert, update and upsert: takes the value from what is known of the sender: client.address, metadata.<name> (with ' +
      'include_metadata on the receiver) or auth.<name>.',
  }),
  default_value: Type.Optional(Type.Any({ description: 'The value where the one asked for does not exist.' })),
  pattern: Type.String({
    default: '',
    description:
      'For delete and hash: also acts on all attributes whose key matches this RE2 expression. For extract: its named groups ' +
      'become attributes.',
  }),
  converted_type: Type.String({ default: '', description: 'For convert: int, double or string.' }),
});

export type ActionSettings = Static<typeof attributeAction>;

export function attributeActions(description: string): Schema<ActionSettings[]> {
  return Type.Array(attributeAction, { description, minItems: 1 });
}

export function actionName({ action }: ActionSettings): ActionName | undefined {
  const lower = action.toLowerCase();
  return ACTIONS.find((name) => name === lower);
}

export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** Whether an action looks at who sent the data. */
export function usesContext(actions: readonly ActionSettings[]): boolean {
  return actions.some((action) => action.from_context !== '' && isPut(actionName(action)));
}

/** The Collector's rules for actions. `path` leads to their list. */
export function checkActions(actions: readonly ActionSettings[], path: readonly (string | number)[]): ConfigFault[] {
  return actions.flatMap((action, index) => {
    const name = actionName(action);
    if (name === undefined) {
      const message = `"${action.action}" is no action`;
      return [{ path: [...path, index, 'action'], message, remedy: `write one of ${ACTIONS.join(', ')}` }];
    }
    return [...checkKey(name, action), ...checkSources(name, action), ...checkRest(name, action)].map((fault) => ({
      ...fault,
      path: [...path, index, ...fault.path],
    }));
  });
}

function isPut(name: ActionName | undefined): boolean {
  return name === 'insert' || name === 'update' || name === 'upsert';
}

function checkKey(name: ActionName, { key, pattern }: ActionSettings): ConfigFault[] {
  if (key !== '') return [];
  if (name !== 'delete' && name !== 'hash') {
    return [{ path: [], message: `${name} needs a key`, remedy: 'add "key: <attribute>"' }];
  }
  if (pattern !== '') return [];
  return [{ path: [], message: `${name} needs a key or a pattern`, remedy: 'add "key: <attribute>"' }];
}

function checkSources(name: ActionName, settings: ActionSettings): ConfigFault[] {
  const { value, from_attribute, from_context, default_value } = settings;
  const sources = [
    ...(isSet(value) ? ['value'] : []),
    ...(from_attribute === '' ? [] : ['from_attribute']),
    ...(from_context === '' ? [] : ['from_context']),
  ];
  if (!isPut(name)) {
    // As in the Collector, from_context is tolerated here, and means nothing.
    const refused = name === 'delete' || name === 'hash' ? sources.filter((each) => each !== 'from_context') : sources;
    return refused.map((source) => unused(name, source));
  }
  if (sources.length > 1) {
    const message = `has ${sources.join(' and ')}: a value comes from one place`;
    return [{ path: [sources[1]], message, remedy: 'keep one of them' }];
  }
  if (sources.length === 0 && !isSet(default_value)) {
    const message = `${name} needs a value`;
    return [{ path: [], message, remedy: 'add value, from_attribute, from_context or default_value' }];
  }
  return [...checkValue(value, 'value'), ...checkValue(default_value, 'default_value')];
}

function checkValue(value: unknown, key: string): ConfigFault[] {
  try {
    encodeAnyValue((value ?? null) as AnyValueInput);
    return [];
  } catch (error) {
    return [{ path: [key], message: `cannot be an attribute: ${(error as Error).message}` }];
  }
}

function checkRest(name: ActionName, { pattern, converted_type }: ActionSettings): ConfigFault[] {
  const faults: ConfigFault[] = [];
  if (name === 'convert') {
    if (!['int', 'double', 'string'].includes(converted_type)) {
      const message = converted_type === '' ? 'convert needs a converted_type' : `"${converted_type}" is no type`;
      const path = converted_type === '' ? [] : ['converted_type'];
      faults.push({ path, message, remedy: 'set converted_type to int, double or string' });
    }
  } else if (converted_type !== '') {
    faults.push(unused(name, 'converted_type'));
  }
  if (name === 'extract') faults.push(...checkExtraction(pattern));
  else if (pattern !== '')
    faults.push(...(name === 'delete' || name === 'hash' ? checkPattern(pattern) : [unused(name, 'pattern')]));
  return faults;
}

function checkExtraction(pattern: string): ConfigFault[] {
  const remedy = 'write groups as (?P<attribute>...), or (?:...) where nothing is to be extracted';
  if (pattern === '') return [{ path: [], message: 'extract needs a pattern', remedy }];
  const faults = checkPattern(pattern);
  if (faults.length > 0) return faults;
  const { groupNames } = compilePattern(pattern);
  if (groupNames.length === 0) return [{ path: ['pattern'], message: 'has no named group', remedy }];
  return groupNames.includes('') ? [{ path: ['pattern'], message: 'has a group without a name', remedy }] : [];
}

export function checkPattern(pattern: string): ConfigFault[] {
  try {
    compilePattern(pattern);
    return [];
  } catch (error) {
    return [{ path: ['pattern'], message: (error as Error).message }];
  }
}

function unused(name: ActionName, key: string): ConfigFault {
  return { path: [key], message: `${name} does not use ${key}`, remedy: 'remove it' };
}
