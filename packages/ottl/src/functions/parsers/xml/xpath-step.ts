import type { XmlNode } from './xml-node.ts';
import { toBoolean } from './xpath-value.ts';
import type { XPathBudget, XPathEvaluate } from './xpath-value.ts';

export interface XPathStep {
  readonly axis: string;
  readonly test: (node: XmlNode) => boolean;
  readonly predicates: readonly XPathEvaluate[];
}

type Axis = (node: XmlNode) => Iterable<XmlNode>;

/** The nodes on each axis, nearest first. */
export const AXES: ReadonlyMap<string, Axis> = new Map<string, Axis>([
  ['child', (node) => node.children],
  ['attribute', (node) => node.attributes],
  ['self', (node) => [node]],
  ['parent', (node) => (node.parent === null ? [] : [node.parent])],
  ['descendant', (node) => node.descendants()],
  ['descendant-or-self', (node) => orSelf(node, node.descendants())],
  ['ancestor', (node) => ancestors(node)],
  ['ancestor-or-self', (node) => orSelf(node, ancestors(node))],
  ['following-sibling', (node) => siblings(node).slice(siblings(node).indexOf(node) + 1)],
  [
    'preceding-sibling',
    (node) =>
      siblings(node)
        .slice(0, Math.max(0, siblings(node).indexOf(node)))
        .toReversed(),
  ],
]);

function* orSelf(node: XmlNode, others: Iterable<XmlNode>): Generator<XmlNode> {
  yield node;
  yield* others;
}

function* ancestors(node: XmlNode): Generator<XmlNode> {
  for (let at = node.parent; at !== null; at = at.parent) yield at;
}

function siblings(node: XmlNode): readonly XmlNode[] {
  return node.kind === 'attribute' ? [] : (node.parent?.children ?? []);
}

/** What one step selects, starting at each of the nodes; in the order of the document, each node once. */
export function takeStep(nodes: readonly XmlNode[], step: XPathStep, budget: XPathBudget): readonly XmlNode[] {
  const axis = AXES.get(step.axis)!;
  const selected = new Set<XmlNode>();
  for (const start of nodes) {
    // Looking for a place among siblings costs as much as there are.
    if (step.axis.endsWith('sibling')) budget.spend(siblings(start).length);
    let found: XmlNode[] = [];
    for (const node of axis(start)) {
      budget.spend(1);
      if (step.test(node)) found.push(node);
    }
    for (const predicate of step.predicates) found = filterNodes(found, predicate, budget);
    for (const node of found) selected.add(node);
  }
  return [...selected].sort((a, b) => a.order - b.order);
}

/** The nodes for which a predicate holds: a number stands for the position. */
export function filterNodes(nodes: readonly XmlNode[], predicate: XPathEvaluate, budget: XPathBudget): XmlNode[] {
  budget.spend(nodes.length);
  return nodes.filter((node, i) => {
    const result = predicate({ node, position: i + 1, size: nodes.length, budget });
    return typeof result === 'number' ? result === i + 1 : toBoolean(result);
  });
}
