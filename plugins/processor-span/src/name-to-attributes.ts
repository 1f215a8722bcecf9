import { key, type AttributesView, type Key, type SpanView } from '@millrace/otlp';
import { compilePattern, type Pattern } from '@millrace/pattern';
import { PlacedPattern } from './placed-pattern.ts';

/** One rule, compiled. */
interface Rule {
  readonly pattern: Pattern;
  /** By group; undefined for one without a name. */
  readonly targets: readonly (Key | undefined)[];
  /** Absent where the name stays. */
  readonly placed: PlacedPattern | undefined;
}

/** Takes attributes out of names. */
export class NameToAttributes {
  readonly #rules: readonly Rule[];
  readonly #stops: boolean;

  constructor(settings: {
    readonly rules: readonly string[];
    readonly break_after_match: boolean;
    readonly keep_original_name: boolean;
  }) {
    this.#stops = settings.break_after_match;
    this.#rules = settings.rules.map((source) => {
      const pattern = compilePattern(source);
      const targets = pattern.groupNames.map((name) => (name === '' ? undefined : key(name)));
      return { pattern, targets, placed: settings.keep_original_name ? undefined : new PlacedPattern(source) };
    });
  }

  apply(span: SpanView): void {
    const before = span.name;
    if (before === '') return;
    let name = before;
    for (const { pattern, targets, placed } of this.#rules) {
      const match = pattern.exec(name);
      if (match === null) continue;
      for (let i = 0; i < targets.length; i++) {
        const target = targets[i];
        if (target !== undefined) setText(span.attributes, target, match.groups[i] ?? '');
      }
      if (placed !== undefined) name = replaced(name, placed);
      if (this.#stops) break;
    }
    if (name !== before) span.name = name;
  }
}

function setText(attributes: AttributesView, target: Key, text: string): void {
  if (!attributes.equalsString(target, text)) attributes.set(target, text);
}

/** The name with `{group}` where each named group matched. */
function replaced(name: string, placed: PlacedPattern): string {
  let text = '';
  let copied = 0;
  for (const { name: group, text: matched, start } of placed.places(name) ?? []) {
    text += `${name.slice(copied, start)}{${group}}`;
    copied = start + matched.length;
  }
  return text + name.slice(copied);
}
