import { key as wireKey, type AttributesView, type SpanView } from '@millrace/otlp';
import { readAttribute } from '../../value/attribute-values.ts';
import { asString } from '../../value/text.ts';

/** An attribute by its name today, or by the one that it had before. */
type Names = readonly [name: string, older?: string];

const keys = new Map<string, ReturnType<typeof wireKey>>();

function keyOf(name: string): ReturnType<typeof wireKey> {
  let known = keys.get(name);
  if (known === undefined) keys.set(name, (known = wireKey(name)));
  return known;
}

function text(attributes: AttributesView, ...names: Names): string | undefined {
  for (const name of names) {
    const value = name === undefined ? undefined : readAttribute(attributes, keyOf(name));
    if (value !== undefined) return asString(value);
  }
  return undefined;
}

function isTrue(attributes: AttributesView, name: string): boolean {
  return readAttribute(attributes, keyOf(name)) === true;
}

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;

/** The name that the semantic conventions give a span of HTTP, RPC, a database or messaging; undefined where they give none. */
export function semanticName({ kind, attributes }: SpanView): string | undefined {
  switch (kind) {
    case SERVER:
      return httpName(attributes, 'http.route') ?? rpcName(attributes) ?? messagingName(attributes);
    case CLIENT:
      return (
        httpName(attributes, 'url.template') ??
        rpcName(attributes) ??
        databaseName(attributes) ??
        messagingName(attributes)
      );
    case PRODUCER:
    case CONSUMER:
      return messagingName(attributes);
    default:
      return undefined;
  }
}

function httpName(attributes: AttributesView, subject: string): string | undefined {
  const method = text(attributes, 'http.request.method', 'http.method');
  if (method === undefined) return undefined;
  return orNothing(joined(' ', method, text(attributes, subject)));
}

function rpcName(attributes: AttributesView): string | undefined {
  const system = text(attributes, 'rpc.system.name', 'rpc.system');
  if (system === undefined) return undefined;
  const method = text(attributes, 'rpc.method', 'rpc.grpc.method');
  const service = text(attributes, 'rpc.service', 'rpc.grpc.service');
  if (service !== undefined) return `${service}/${method ?? '*'}`;
  return orNothing(method ?? system);
}

function databaseName(attributes: AttributesView): string | undefined {
  const system = text(attributes, 'db.system.name', 'db.system');
  if (system === undefined) return undefined;
  const summary = text(attributes, 'db.query.summary');
  if (summary !== undefined) return orNothing(summary);
  const operation = text(attributes, 'db.operation.name', 'db.operation') ?? '';
  const named = [operation, databaseTarget(attributes)].filter((part) => part !== '').join(' ');
  return orNothing(named === '' ? system : named);
}

function databaseTarget(attributes: AttributesView): string {
  const namespace = text(attributes, 'db.namespace', 'db.name') ?? '';
  const part = text(attributes, 'db.collection.name') ?? text(attributes, 'db.stored_procedure.name');
  if (part !== undefined) return namespace === '' ? part : `${namespace}.${part}`;
  return namespace === '' ? serverAddress(attributes) : namespace;
}

function messagingName(attributes: AttributesView): string | undefined {
  const system = text(attributes, 'messaging.system');
  if (system === undefined) return undefined;
  const operation = text(attributes, 'messaging.operation.name', 'messaging.operation');
  const destination = messagingDestination(attributes);
  if (destination === '') return orNothing(operation ?? system);
  return operation === undefined ? destination : `${operation} ${destination}`;
}

function messagingDestination(attributes: AttributesView): string {
  if (isTrue(attributes, 'messaging.destination.temporary')) return '(temporary)';
  if (isTrue(attributes, 'messaging.destination.anonymous')) return '(anonymous)';
  return (
    text(attributes, 'messaging.destination.template') ??
    text(attributes, 'messaging.destination.name', 'messaging.destination') ??
    serverAddress(attributes)
  );
}

function serverAddress(attributes: AttributesView): string {
  const address = text(attributes, 'server.address');
  return address === undefined ? '' : joined(':', address, text(attributes, 'server.port'));
}

function joined(between: string, first: string, second: string | undefined): string {
  return second === undefined ? first : first + between + second;
}

function orNothing(name: string): string | undefined {
  return name === '' ? undefined : name;
}
