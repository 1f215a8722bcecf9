import type { ClientContext } from '@millrace/api';

/** Compares request metadata with a text. */
export interface SenderCondition {
  /** In lower case. */
  readonly name: string;
  readonly equals: boolean;
  readonly value: string;
}

const FORM = /^\s*request\["([^"]+)"\]\s*(==|!=)\s*"([^"]*)"\s*$/;

/** The Collector's grammar of the context `request`: `request["name"] == "value"` or `!=`; undefined for all else. */
export function parseSenderCondition(text: string): SenderCondition | undefined {
  const [, name, comparison, value] = FORM.exec(text) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { name: name.toLowerCase(), equals: comparison === '==', value };
}

/** Whether one of the values compares so; a request without this metadata matches neither `==` nor `!=`. */
export function matchesSender({ name, equals, value }: SenderCondition, sender: ClientContext | undefined): boolean {
  return (sender?.metadata?.[name] ?? []).some((each) => (each === value) === equals);
}
