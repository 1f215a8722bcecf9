import type { ClientContext } from '@millrace/api';
import { ATTRIBUTE_EDITS_MAX, AttributeEdits, type AttributeEdit } from '@millrace/otlp';
import type { AttributesView, Key } from '@millrace/otlp';
import { actionName, type ActionSettings } from './action-settings.ts';
import { ConvertAction } from './convert-action.ts';
import { DeleteAction } from './delete-action.ts';
import { ExtractAction } from './extract-action.ts';
import { HashAction } from './hash-action.ts';
import { PutAction } from './put-action.ts';

/** Where the context of the present batch stands: a step's tools. */
export interface Sender {
  readonly context: ClientContext | undefined;
}

/** One change of attributes, compiled. */
export interface AttributeAction {
  /** Called at the start of each batch; only actions that depend on the sender look at it. */
  begin?(sender: Sender): void;
  /** The action as an edit that all items get alike, if it is one. */
  readonly edit?: AttributeEdit | undefined;
  apply(attributes: AttributesView): void;
}

/** A list of actions, applied in order. Settings must have passed `checkActions`. */
export class AttributeActions {
  /** All of the actions at once, where they do not depend on each other, on the sender, or on anything but keys. */
  readonly edits: AttributeEdits | undefined;
  readonly #actions: readonly AttributeAction[];

  constructor(settings: readonly ActionSettings[]) {
    this.#actions = settings.map((each) => compile(each));
    this.edits = editsOf(this.#actions);
  }

  /** To be called once for each batch, before `apply`. */
  begin(sender: Sender): void {
    for (const action of this.#actions) action.begin?.(sender);
  }

  /** The hot path: benchmarks/micro/attributes.ts. */
  apply(attributes: AttributesView): void {
    const actions = this.#actions;
    for (let i = 0; i < actions.length; i++) actions[i].apply(attributes);
  }
}

function editsOf(actions: readonly AttributeAction[]): AttributeEdits | undefined {
  const edits = actions.map(({ edit }) => edit).filter((edit) => edit !== undefined);
  if (edits.length < actions.length) return undefined;
  const edited = new Set<string>();
  const named = new Set<string>();
  for (const edit of edits) {
    const key = textOf(edit.key);
    const from = 'from' in edit ? textOf(edit.from) : key;
    // Edits see what was there before all of them; an action sees what the actions before it have done.
    if (edited.has(key) || edited.has(from)) return undefined;
    edited.add(key);
    named.add(key).add(from);
  }
  return named.size <= ATTRIBUTE_EDITS_MAX ? new AttributeEdits(edits) : undefined;
}

const textOf = (key: string | Key): string => (typeof key === 'string' ? key : key.text);

function compile(settings: ActionSettings): AttributeAction {
  const name = actionName(settings);
  switch (name) {
    case 'insert':
    case 'update':
    case 'upsert':
      return new PutAction(name, settings);
    case 'delete':
      return new DeleteAction(settings);
    case 'hash':
      return new HashAction(settings);
    case 'extract':
      return new ExtractAction(settings);
    case 'convert':
      return new ConvertAction(settings);
    default:
      throw new TypeError(`"${settings.action}" is no action`);
  }
}
