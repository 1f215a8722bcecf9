import { OttlRuntimeError } from '../../../ottl-error.ts';
import type { XmlNode } from './xml-node.ts';

/** Nodes in the order of the document, or a scalar. */
export type XPathValue = readonly XmlNode[] | string | number | boolean;

/** What an expression is evaluated for. */
export interface XPathContext {
  readonly node: XmlNode;
  /** From 1. */
  readonly position: number;
  readonly size: number;
  readonly budget: XPathBudget;
}

export type XPathEvaluate = (context: XPathContext) => XPathValue;

/** Most nodes that one evaluation may look at. */
const NODES_MAX = 1_000_000;

/** So that an expression with many `//` over a large document ends. */
export class XPathBudget {
  private left = NODES_MAX;

  spend(nodes: number): void {
    this.left -= nodes;
    if (this.left < 0) throw new OttlRuntimeError(`the XPath looks at more than ${NODES_MAX} nodes of this document`);
  }
}

export function toNodes(value: XPathValue): readonly XmlNode[] {
  if (typeof value === 'object') return value;
  throw new OttlRuntimeError(`the XPath selects a ${typeof value} where nodes are needed`);
}

export function toXPathString(value: XPathValue, budget: XPathBudget): string {
  if (typeof value !== 'object') return String(value);
  if (value.length === 0) return '';
  const text = value[0].text();
  budget.spend(Math.ceil(text.length / 64) + value[0].children.length);
  return text;
}

export function toNumber(value: XPathValue, budget: XPathBudget): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const text = toXPathString(value, budget).trim();
  return /^-?(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : NaN;
}

export function toBoolean(value: XPathValue): boolean {
  return typeof value === 'object' ? value.length > 0 : Boolean(value);
}

/** Comparison of two values (XPath 1.0, section 3.4): one node of a set is enough. */
export function compareXPath(operator: string, a: XPathValue, b: XPathValue, budget: XPathBudget): boolean {
  if (typeof a === 'object' && typeof b !== 'boolean')
    return a.some((node) => compareXPath(operator, textOf(node, budget), b, budget));
  if (typeof b === 'object' && typeof a !== 'boolean')
    return b.some((node) => compareXPath(operator, a, textOf(node, budget), budget));
  if (operator !== '=' && operator !== '!=') {
    const [left, right] = [toNumber(a, budget), toNumber(b, budget)];
    if (operator === '<') return left < right;
    if (operator === '<=') return left <= right;
    return operator === '>' ? left > right : left >= right;
  }
  return areSame(a, b, budget) === (operator === '=');
}

function areSame(a: XPathValue, b: XPathValue, budget: XPathBudget): boolean {
  if (typeof a === 'boolean' || typeof b === 'boolean') return toBoolean(a) === toBoolean(b);
  if (typeof a === 'number' || typeof b === 'number') return toNumber(a, budget) === toNumber(b, budget);
  return a === b;
}

function textOf(node: XmlNode, budget: XPathBudget): string {
  return toXPathString([node], budget);
}
