import type { Compiled } from '../compile/compiled.ts';
import type { Frame } from '../compile/frame.ts';
import { OttlRuntimeError } from '../ottl-error.ts';
import { toBoolLike, toBytesLike, toFloatLike, toIntLike } from '../value/convert.ts';
import { Duration, Time } from '../value/time.ts';
import { toText } from '../value/text.ts';
import { isList, isMap, typeName, type Value, type ValueMap } from '../value/value.ts';
import type { Expression } from '../parse/syntax-tree.ts';
import { constantGetter, convertGetter, makeGetter, type Getter } from './getter.ts';
import { PlainMapEditor, WireMapEditor, type MapEditor } from './map-editor.ts';
import type { ArgumentSource, FunctionArgument, LambdaArgument, Parameter } from './parameter.ts';

/** A path that is read and written. `set` throws OttlRuntimeError for values that it does not take. */
export interface PathTarget {
  readonly get: (frame: Frame) => Value;
  readonly set: (frame: Frame, value: Value) => void;
  /** The attribute that it is, when it is just that. */
  readonly attribute: Compiled['attribute'];
}

/** A path to a map that is edited in place. */
export interface MapTarget {
  readonly get: (frame: Frame) => ValueMap;
  /** Calls `change` with the map, and stores what became of it. Make `change` once, not for each record. */
  readonly edit: (frame: Frame, change: (map: MapEditor, frame: Frame) => void) => void;
}

/** A path to a list that is replaced as a whole. */
export interface ListTarget {
  readonly get: (frame: Frame) => readonly Value[];
  readonly set: (frame: Frame, value: readonly Value[]) => void;
}

function parameter<T>(type: string, bind: (source: ArgumentSource) => T): Parameter<T> {
  return { type, isOptional: false, bind, absent: undefined };
}

function expected(type: string, value: Value): never {
  throw new OttlRuntimeError(`expected ${type} but got ${typeName(value)}`);
}

function asString(value: Value): string {
  return typeof value === 'string' ? value : expected('string', value);
}

function converted<T extends Value>(type: string, convert: (value: Value) => T): Parameter<Getter<T>> {
  return parameter(type, (source) => {
    const compiled = source.value();
    if (compiled.constant === undefined || !isLiteral(source.node)) return convertGetter(compiled, convert);
    try {
      return constantGetter(convert(compiled.constant));
    } catch (error) {
      if (!(error instanceof OttlRuntimeError)) throw error;
      return source.fail(error.message);
    }
  });
}

/** Literals of a wrong type are found when the statement is compiled; what converters make of constants, when it runs. */
function isLiteral(node: Expression): boolean {
  if (node.type === 'list') return node.items.every(isLiteral);
  if (node.type === 'map') return node.entries.every((entry) => isLiteral(entry.value));
  return node.type === 'literal' || node.type === 'name' || (node.type === 'negate' && isLiteral(node.operand));
}

/** An argument of any type, nil too. */
export const value: Parameter<Getter<Value>> = parameter('Getter', (source) => {
  const { get, constant, attribute, write } = source.value();
  return Object.assign(makeGetter(get, constant), { attribute, write });
});

/* Arguments of one type; nil and all other types throw. */
export const string = converted('StringGetter', asString);
export const int = converted('IntGetter', (v) => (typeof v === 'bigint' ? v : expected('int64', v)));
export const float = converted('FloatGetter', (v) => (typeof v === 'number' ? v : expected('float64', v)));
export const bool = converted('BoolGetter', (v) => (typeof v === 'boolean' ? v : expected('bool', v)));
export const bytes = converted('ByteSliceGetter', (v) => (v instanceof Uint8Array ? v : expected('[]byte', v)));
export const time = converted('TimeGetter', (v) => (v instanceof Time ? v : expected('time.Time', v)));
export const duration = converted('DurationGetter', (v) => (v instanceof Duration ? v : expected('time.Duration', v)));
export const map = converted('PMapGetter', (v) => (isMap(v) ? v : expected('pcommon.Map', v)));
export const slice = converted('PSliceGetter', (v) => (isList(v) ? v : expected('pcommon.Slice', v)));

/* Arguments that are converted where that is possible; nil stays nil. */
export const stringLike = converted('StringLikeGetter', toText);
export const intLike = converted('IntLikeGetter', toIntLike);
export const floatLike = converted('FloatLikeGetter', toFloatLike);
export const boolLike = converted('BoolLikeGetter', toBoolLike);
export const bytesLike = converted('ByteSliceLikeGetter', toBytesLike);

/* Literals, known when the statement is compiled. */
export const literalString = literal('string', (v) => (typeof v === 'string' ? v : undefined));
export const literalInt = literal('int64', (v) => (typeof v === 'bigint' ? v : undefined));
export const literalFloat = literal('float64', (v) => (typeof v === 'number' ? v : undefined));
export const literalBool = literal('bool', (v) => (typeof v === 'boolean' ? v : undefined));
export const literalBytes = literal('[]byte', (v) => (v instanceof Uint8Array ? v : undefined));

function literal<T extends Value>(type: string, accept: (value: Value) => T | undefined): Parameter<T> {
  return parameter(type, (source) => {
    const { node } = source;
    const accepted = node.type === 'literal' ? accept(node.value) : undefined;
    return accepted ?? source.fail('this is no literal of the right type', `a literal of type ${type}`);
  });
}

/** An enum's symbol, as its number. */
export const enumeration: Parameter<bigint> = parameter(
  'Enum',
  (source) => source.enum() ?? source.fail('this is no enum', 'the name of an enum'),
);

/** A converter's name without a call, for functions that call it themselves. */
export const converter: Parameter<FunctionArgument> = parameter('Function', (source) => source.function());

/** `(a, b) => ...` */
export const lambda: Parameter<LambdaArgument> = parameter('Lambda', (source) => source.lambda());

/** A path that is written. */
export const setter: Parameter<PathTarget> = parameter('Setter', bindPath);

/** A path that is read and written. */
export const getSetter: Parameter<PathTarget> = parameter('GetSetter', bindPath);

function bindPath(source: ArgumentSource): PathTarget {
  const { get, set, attribute } = pathOf(source);
  return { get, set, attribute };
}

interface WritablePath extends Compiled {
  readonly set: (frame: Frame, value: Value) => void;
}

function pathOf(source: ArgumentSource): WritablePath {
  if (source.node.type !== 'path') source.fail('this cannot be written', 'a path');
  const compiled = source.value();
  if (compiled.set === undefined) source.fail(`${compiled.name} cannot be written`, 'a path that can', 'READ_ONLY');
  return compiled as WritablePath;
}

/** A path to a map that is edited. Attributes are edited on the wire. */
export const mapTarget: Parameter<MapTarget> = parameter('PMapGetSetter', (source) => {
  const { get, set, attributes } = pathOf(source);
  const read = (frame: Frame): ValueMap => {
    const current = get(frame);
    return isMap(current) ? current : expected('pcommon.Map', current);
  };
  if (attributes !== undefined) {
    const editor = new WireMapEditor();
    return {
      get: read,
      edit: (frame, change) => {
        editor.view = attributes(frame);
        change(editor, frame);
      },
    };
  }
  return {
    get: read,
    edit: (frame, change) => {
      const current = read(frame);
      const editor = new PlainMapEditor(current);
      change(editor, frame);
      if (editor.result !== current) set(frame, editor.result);
    },
  };
});

/** A path to a list that is edited. */
export const listTarget: Parameter<ListTarget> = parameter('PSliceGetSetter', (source) => {
  const { get, set } = pathOf(source);
  return {
    get: (frame) => {
      const current = get(frame);
      return isList(current) ? current : expected('pcommon.Slice', current);
    },
    set,
  };
});

/** A list that is written out, each element as `element` takes it. */
export function list<T>(element: Parameter<T>): Parameter<readonly T[]> {
  return parameter(`[]${element.type}`, (source) => {
    const items = source.items();
    if (items === undefined) return source.fail('this is no list', `a list of ${element.type} in [ ]`);
    return items.map((item) => element.bind(item));
  });
}

/** A list, and its elements if it is written out and they differ from record to record. */
export interface ListGetter<T extends Value> extends Getter<readonly T[]> {
  readonly items?: readonly Getter<T>[];
}

/** A list: written out, or a path or converter that gives one. Each element is as `convert` makes it. */
function dynamicList<T extends Value>(element: Parameter<Getter<T>>, convert: (value: Value) => T, acceptsNil = false) {
  return parameter(`[]${element.type}`, (source): ListGetter<T> => {
    const items = source.items()?.map((item) => element.bind(item));
    if (items === undefined)
      return convertGetter(source.value(), (v) => {
        if (isList(v)) return v.map(convert);
        return v === null && acceptsNil ? [] : expected('pcommon.Slice', v);
      });
    const constants = items.map((item) => item.constant);
    if (!constants.includes(undefined)) return constantGetter(constants as readonly T[]);
    return Object.assign(
      makeGetter((frame) => items.map((item) => item(frame))),
      { items },
    );
  });
}

export const strings = dynamicList(string, asString);
/** nil is an empty list. */
export const stringLikes = dynamicList(stringLike, toText, true);

/** An argument that may be left out: `make` gets undefined then. */
export function optional<T>(inner: Parameter<T>): Parameter<T | undefined>;
/** An argument that may be left out: `make` gets `absent` then, for getters `constantGetter(...)`. */
export function optional<T>(inner: Parameter<T>, absent: T): Parameter<T>;
export function optional<T>(inner: Parameter<T>, absent?: T): Parameter<T | undefined> {
  return { type: inner.type, isOptional: true, bind: (source) => inner.bind(source), absent };
}
