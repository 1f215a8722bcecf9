import type { ClientContext } from '@millrace/api';
import type { AttributesView } from '@millrace/otlp';
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
  apply(attributes: AttributesView): void;
}

/** A list of actions, applied in order. Settings must have passed `checkActions`. */
export class AttributeActions {
  readonly #actions: readonly AttributeAction[];

  constructor(settings: readonly ActionSettings[]) {
    this.#actions = settings.map((each) => compile(each));
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
