import type { XmlNode } from './xml-node.ts';
import { XPATH_FUNCTIONS } from './xpath-functions.ts';
import { AXES, filterNodes, takeStep, type XPathStep } from './xpath-step.ts';
import { tokenizeXPath, type XPathToken } from './xpath-token.ts';
import { compareXPath, toBoolean, toNodes, toNumber, XPathBudget, type XPathEvaluate } from './xpath-value.ts';

/** Deepest nesting of parentheses and predicates. */
const NESTING_MAX = 50;

/** Selects nodes of a document, in its order. */
export type XPath = (document: XmlNode) => readonly XmlNode[];

/** Compiles an XPath 1.0 expression that selects nodes. Throws for what is none. */
export function compileXPath(expression: string): XPath {
  const { evaluate, selects } = new XPathParser(expression).parse();
  if (!selects) throw new Error(`the XPath "${expression}" does not select nodes`);
  return (document) => toNodes(evaluate({ node: document, position: 1, size: 1, budget: new XPathBudget() }));
}

interface Expression {
  readonly evaluate: XPathEvaluate;
  /** Whether it gives nodes. */
  readonly selects: boolean;
}

/** Operators from the loosest to the tightest. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
];

const ANY_NODE: XPathStep = { axis: 'descendant-or-self', test: () => true, predicates: [] };
const NODE_TYPES: Readonly<Record<string, (node: XmlNode) => boolean>> = {
  node: () => true,
  text: ({ kind }) => kind === 'text' || kind === 'cdata',
  comment: ({ kind }) => kind === 'comment',
  'processing-instruction': ({ kind }) => kind === 'instruction',
};

class XPathParser {
  private at = 0;
  private depth = 0;
  private readonly expression: string;
  private readonly tokens: readonly XPathToken[];

  constructor(expression: string) {
    this.expression = expression;
    this.tokens = tokenizeXPath(expression);
  }

  parse(): Expression {
    const parsed = this.binary(0);
    if (this.peek().kind !== 'end') this.fail();
    return parsed;
  }

  private binary(level: number): Expression {
    if (level === LEVELS.length) return this.unary();
    let left = this.binary(level + 1);
    while (this.peek().kind === 'operator' && LEVELS[level].includes(this.peek().text)) {
      const operator = this.take().text;
      left = { evaluate: operation(operator, left.evaluate, this.binary(level + 1).evaluate), selects: false };
    }
    return left;
  }

  private unary(): Expression {
    let minuses = 0;
    while (this.skip('-')) minuses++;
    const inner = this.union();
    if (minuses === 0) return inner;
    const sign = minuses % 2 === 0 ? 1 : -1;
    return { evaluate: (context) => sign * toNumber(inner.evaluate(context), context.budget), selects: false };
  }

  private union(): Expression {
    let left = this.path();
    while (this.skip('|')) {
      const [one, other] = [left, this.path()];
      left = {
        evaluate: (context) => {
          const nodes = new Set([...toNodes(one.evaluate(context)), ...toNodes(other.evaluate(context))]);
          context.budget.spend(nodes.size);
          return [...nodes].sort((a, b) => a.order - b.order);
        },
        selects: one.selects && other.selects,
      };
    }
    return left;
  }

  /** A location path, or a primary expression with predicates and steps behind it. */
  private path(): Expression {
    const start = this.startsPrimary() ? this.filtered() : this.pathStart();
    const steps: XPathStep[] = [];
    if (start.steps !== undefined) steps.push(...start.steps);
    for (;;) {
      if (this.skip('//')) steps.push(ANY_NODE, this.step());
      else if (this.skip('/')) steps.push(this.step());
      else break;
    }
    if (steps.length === 0) return start;
    const { evaluate } = start;
    return {
      evaluate: (context) => {
        let nodes = toNodes(evaluate(context));
        for (const step of steps) nodes = takeStep(nodes, step, context.budget);
        return nodes;
      },
      selects: true,
    };
  }

  private pathStart(): Expression & { readonly steps?: readonly XPathStep[] } {
    if (this.skip('//'))
      return { evaluate: ({ node }) => [rootOf(node)], selects: true, steps: [ANY_NODE, this.step()] };
    if (!this.skip('/')) return { evaluate: ({ node }) => [node], selects: true, steps: [this.step()] };
    const root: Expression = { evaluate: ({ node }) => [rootOf(node)], selects: true };
    return this.startsStep() ? { ...root, steps: [this.step()] } : root;
  }

  private startsStep(): boolean {
    const { kind, text } = this.peek();
    return kind === 'name' || text === '@' || text === '.' || text === '..';
  }

  private startsPrimary(): boolean {
    const { kind, text } = this.peek();
    if (kind === 'number' || kind === 'literal' || text === '(') return true;
    return kind === 'name' && this.tokens[this.at + 1].text === '(' && !Object.hasOwn(NODE_TYPES, text);
  }

  private filtered(): Expression & { readonly steps?: readonly XPathStep[] } {
    const primary = this.primary();
    const predicates = this.predicates();
    if (predicates.length === 0) return primary;
    return {
      evaluate: (context) => {
        let nodes = toNodes(primary.evaluate(context));
        for (const predicate of predicates) nodes = filterNodes(nodes, predicate, context.budget);
        return nodes;
      },
      selects: primary.selects,
    };
  }

  private primary(): Expression {
    const { kind, text } = this.take();
    if (kind === 'number') return { evaluate: () => Number(text), selects: false };
    if (kind === 'literal') return { evaluate: () => text, selects: false };
    if (text === '(') return this.nested(() => this.closed(')', this.binary(0)));
    return this.nested(() => this.call(text));
  }

  private call(name: string): Expression {
    const called = XPATH_FUNCTIONS.get(name);
    if (called === undefined) throw new Error(`invalid XPath "${this.expression}": there is no function ${name}()`);
    this.expect('(');
    const given: XPathEvaluate[] = [];
    while (!this.skip(')')) {
      if (given.length > 0) this.expect(',');
      given.push(this.binary(0).evaluate);
    }
    if (given.length < called.min || given.length > called.max)
      throw new Error(`invalid XPath "${this.expression}": ${name}() does not take ${given.length} arguments`);
    return {
      evaluate: (context) =>
        called.call(
          given.map((each) => each(context)),
          context,
        ),
      selects: false,
    };
  }

  private step(): XPathStep {
    if (this.skip('.')) return { axis: 'self', test: () => true, predicates: [] };
    if (this.skip('..')) return { axis: 'parent', test: () => true, predicates: [] };
    let axis = this.skip('@') ? 'attribute' : 'child';
    if (this.tokens[this.at + 1]?.text === '::') {
      axis = this.take().text;
      if (!AXES.has(axis)) throw new Error(`invalid XPath "${this.expression}": there is no axis ${axis}`);
      this.take();
    }
    return { axis, test: this.nodeTest(axis), predicates: this.predicates() };
  }

  private nodeTest(axis: string): (node: XmlNode) => boolean {
    const { kind, text } = this.take();
    if (kind !== 'name') return this.fail(-1);
    if (Object.hasOwn(NODE_TYPES, text) && this.skip('(')) {
      if (this.peek().kind === 'literal') this.take();
      this.expect(')');
      return NODE_TYPES[text];
    }
    const wanted = axis === 'attribute' ? 'attribute' : 'element';
    if (text === '*') return (node) => node.kind === wanted;
    if (text.endsWith(':*')) return (node) => node.kind === wanted && node.name.startsWith(text.slice(0, -1));
    return (node) => node.kind === wanted && node.name === text;
  }

  private predicates(): XPathEvaluate[] {
    const predicates: XPathEvaluate[] = [];
    while (this.skip('[')) predicates.push(this.nested(() => this.closed(']', this.binary(0))).evaluate);
    return predicates;
  }

  private nested<T>(parse: () => T): T {
    if (++this.depth > NESTING_MAX) throw new Error(`the XPath is nested deeper than ${NESTING_MAX}`);
    const parsed = parse();
    this.depth--;
    return parsed;
  }

  private closed(end: string, expression: Expression): Expression {
    this.expect(end);
    return expression;
  }

  private peek(): XPathToken {
    return this.tokens[this.at];
  }

  private take(): XPathToken {
    const token = this.peek();
    if (token.kind === 'end') this.fail();
    this.at++;
    return token;
  }

  private skip(text: string): boolean {
    const token = this.peek();
    if (token.text !== text || token.kind === 'literal' || token.kind === 'end') return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.skip(text)) this.fail();
  }

  private fail(offset = 0): never {
    const { text, at } = this.tokens[this.at + offset];
    throw new Error(`invalid XPath "${this.expression}": unexpected ${text} at character ${at + 1}`);
  }
}

function operation(operator: string, left: XPathEvaluate, right: XPathEvaluate): XPathEvaluate {
  if (operator === 'or') return (context) => toBoolean(left(context)) || toBoolean(right(context));
  if (operator === 'and') return (context) => toBoolean(left(context)) && toBoolean(right(context));
  const calculate = CALCULATIONS[operator];
  if (calculate === undefined)
    return (context) => compareXPath(operator, left(context), right(context), context.budget);
  return (context) => calculate(toNumber(left(context), context.budget), toNumber(right(context), context.budget));
}

const CALCULATIONS: Readonly<Record<string, ((a: number, b: number) => number) | undefined>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  div: (a, b) => a / b,
  mod: (a, b) => a % b,
};

function rootOf(node: XmlNode): XmlNode {
  let root = node;
  while (root.parent !== null) root = root.parent;
  return root;
}
