import type { AnyValueInput, AttributesView } from '@millrace/otlp';
import { Dice } from './dice.ts';
import type { Shape } from './shape.ts';

export const SERVICES = ['checkout', 'catalog', 'payment', 'search', 'frontend', 'assistant', 'shipping', 'auth'];
export const VERBS = ['accepted', 'rejected', 'queued', 'retried', 'completed', 'expired', 'rendered', 'refreshed'];
export const NOUNS = ['order', 'session', 'invoice', 'cart', 'shipment', 'coupon', 'profile', 'answer'];
export const ROUTES = ['/orders/{id}', '/cart', '/search', '/login', '/products/{id}', '/checkout', '/assistant/chat'];
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const STATUSES = [200, 200, 200, 201, 304, 400, 404, 500, 503];
const STACK_FRAMES = 14;
const NESTING = 6;

/** What records are told with: words, numbers and ids that differ from record to record, so that compression has honest work. */
export class Words {
  readonly dice: Dice;
  readonly shape: Shape;

  constructor(seed: number, shape: Shape) {
    this.dice = new Dice(seed);
    this.shape = shape;
  }

  /** Hexadecimal digits: one of as many values as the shape has. */
  id(digits: number): string {
    return this.#source().hex(digits);
  }

  address(): string {
    const dice = this.#source();
    return `10.${dice.below(256)}.${dice.below(256)}.${dice.below(256)}`;
  }

  /** Frames of a stack, about 800 bytes. */
  stack(): string {
    const { dice } = this;
    const frames = Array.from({ length: STACK_FRAMES }, () => {
      const [verb, noun] = [dice.of(VERBS), dice.of(NOUNS)];
      return `  at ${noun}.${verb} (/srv/app/${dice.of(SERVICES)}/${noun}.js:${dice.below(900)}:${dice.below(80)})`;
    });
    return frames.join('\n');
  }

  /** ASCII text of exactly that many bytes, which begins with `start` where there is room for it. */
  text(bytes: number, start: string): string {
    const { dice } = this;
    let text = start;
    while (text.length < bytes) text += ` ${dice.of(NOUNS)} ${dice.hex(6)} ${dice.of(VERBS)} by ${dice.of(SERVICES)};`;
    return text.slice(0, bytes);
  }

  /** Maps and lists within one another. */
  nested(): { readonly [key: string]: AnyValueInput } {
    const { dice } = this;
    let value: { readonly [key: string]: AnyValueInput } = { id: this.id(8), total: dice.below(9_000) };
    for (let depth = 1; depth < NESTING; depth++) {
      const items = [dice.of(VERBS), dice.below(100), { [dice.of(SERVICES)]: this.id(6) }];
      value = { [dice.of(NOUNS)]: value, [`${dice.of(VERBS)}_by`]: items };
    }
    return value;
  }

  /** As many attributes as the shape has. */
  setAttributes(attributes: AttributesView, route: string): void {
    const { dice, shape } = this;
    for (let index = 0; index < shape.attributes; index++) {
      const named = NAMED[index];
      if (named !== undefined) attributes.set(named.key, named.value(this, route));
      else attributes.set(`${dice.of(SERVICES)}.${dice.of(NOUNS)}.${index}`, `${dice.of(VERBS)} ${this.id(40)}`);
    }
    if (shape.name === 'deep') attributes.set('context', this.nested());
  }

  #source(): Dice {
    const { distinct } = this.shape;
    return distinct === undefined ? this.dice : new Dice(this.dice.below(distinct) + 1);
  }
}

interface NamedAttribute {
  readonly key: string;
  value(words: Words, route: string): AnyValueInput;
}

const NAMED: readonly NamedAttribute[] = [
  { key: 'http.request.method', value: ({ dice }) => dice.of(METHODS) },
  { key: 'http.route', value: (_words, route) => route },
  { key: 'http.response.status_code', value: ({ dice }) => dice.of(STATUSES) },
  { key: 'session.id', value: (words) => words.id(12) },
  { key: 'client.address', value: (words) => words.address() },
];
