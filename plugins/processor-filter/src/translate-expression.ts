const TEXT = String.raw`(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')`;
const NAME = new RegExp(`^MetricName\\s*(==|!=)\\s*${TEXT}$`);
const HAS_LABEL = new RegExp(`^HasLabel\\(\\s*${TEXT}\\s*\\)$`);
const LABEL = new RegExp(`^Label\\(\\s*${TEXT}\\s*\\)\\s*==\\s*${TEXT}$`);

/**
 * The OTTL condition on metrics that means the same as an expression of the language expr; undefined where it is not one of
 * the simple ones: a name, a label, or a name and a label.
 */
export function translateExpression(expression: string): string | undefined {
  const parts = expression.split(/\s*&&\s*|\s+and\s+/).map((part) => part.trim());
  // Two labels must be those of one data point, which a condition on metrics cannot say.
  if (parts.filter((part) => !NAME.test(part)).length > 1) return undefined;
  const conditions = parts.map(translatePart);
  return conditions.includes(undefined) ? undefined : conditions.join(' and ');
}

function translatePart(part: string): string | undefined {
  const name = NAME.exec(part);
  if (name !== null) return `name ${name[1]} ${quoted(name[2] ?? name[3])}`;
  const key = HAS_LABEL.exec(part);
  if (key !== null) return `HasAttrKeyOnDatapoint(${quoted(key[1] ?? key[2])})`;
  const label = LABEL.exec(part);
  if (label === null) return undefined;
  const value = label[3] ?? label[4];
  // A label that is not there counts as empty, which an attribute does not.
  return value === '' ? undefined : `HasAttrOnDatapoint(${quoted(label[1] ?? label[2])}, ${quoted(value)})`;
}

/** What stands between the quotes is escaped in the same way in both languages. */
function quoted(text: string): string {
  return `"${text.replaceAll(/(?<!\\)"/g, '\\"')}"`;
}

/** What to write instead of expressions; in words where they cannot be translated one by one. */
export function insteadOf(expressions: readonly string[], side: 'include' | 'exclude'): string {
  const conditions = expressions.map(translateExpression);
  if (conditions.length === 0 || conditions.includes(undefined))
    return 'write OTTL conditions on data points instead: metrics: { datapoint: [\'attributes["key"] == "value"\'] }';
  const list = side === 'exclude' ? conditions : [`not (${conditions.join(' or ')})`];
  return `write metrics: { metric: [${list.map((condition) => `'${condition}'`).join(', ')}] } instead`;
}
