/** A value of an attribute; numbers that are whole become integers. */
type Value = string | number | boolean;

/** Attributes in OTLP/JSON. */
export function attributes(values: Readonly<Record<string, Value>>): object[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

export function anyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Milliseconds since the Unix epoch as OTLP's nanoseconds. */
export function unixNano(ms: number): string {
  return String(BigInt(Math.round(ms * 1_000)) * 1_000n);
}

/** The resource of one of the shop's services. */
export function resource(service: string): object {
  return {
    attributes: attributes({
      'service.name': service,
      'service.namespace': 'shop',
      'service.version': '2.7.1',
      'host.name': `${service}-0`,
      'deployment.environment.name': 'demo',
    }),
  };
}
