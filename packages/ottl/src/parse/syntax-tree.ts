/** Where a node stands in its statement, in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type MathOperator = '+' | '-' | '*' | '/';

export interface LiteralNode extends Span {
  readonly type: 'literal';
  readonly value: string | bigint | number | boolean | null | Uint8Array;
}

/** A name without a call that begins with an uppercase letter: an enum, or a function that is handed over. */
export interface NameNode extends Span {
  readonly type: 'name';
  readonly name: string;
}

export interface FieldNode extends Span {
  readonly name: string;
  readonly keys: readonly Expression[];
}

export interface PathNode extends Span {
  readonly type: 'path';
  readonly fields: readonly FieldNode[];
}

export interface ListNode extends Span {
  readonly type: 'list';
  readonly items: readonly Expression[];
}

export interface MapNode extends Span {
  readonly type: 'map';
  readonly entries: readonly { readonly key: string; readonly value: Expression }[];
}

export interface ArgumentNode extends Span {
  /** Undefined for one that is given by its place. */
  readonly name: string | undefined;
  readonly value: Expression;
}

export interface CallNode extends Span {
  readonly type: 'call';
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
  /** What the result is indexed with. */
  readonly keys: readonly Expression[];
}

export interface MathNode extends Span {
  readonly type: 'math';
  readonly operator: MathOperator;
  /** Where the operator stands. */
  readonly operatorAt: number;
  readonly left: Expression;
  readonly right: Expression;
}

export interface NegateNode extends Span {
  readonly type: 'negate';
  readonly operand: Expression;
}

export interface LambdaNode extends Span {
  readonly type: 'lambda';
  /** `_` is not bound. */
  readonly parameters: readonly string[];
  readonly body: Expression;
}

export interface CompareNode extends Span {
  readonly type: 'compare';
  readonly operator: CompareOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface LogicNode extends Span {
  readonly type: 'and' | 'or';
  readonly operands: readonly Expression[];
}

export interface NotNode extends Span {
  readonly type: 'not';
  readonly operand: Expression;
}

export type BooleanNode = CompareNode | LogicNode | NotNode;

export type Expression =
  LiteralNode | NameNode | PathNode | ListNode | MapNode | CallNode | MathNode | NegateNode | LambdaNode | BooleanNode;

export interface StatementNode extends Span {
  readonly editor: CallNode;
  readonly where: Expression | undefined;
}

export function isBoolean(node: Expression): node is BooleanNode {
  return node.type === 'compare' || node.type === 'and' || node.type === 'or' || node.type === 'not';
}
