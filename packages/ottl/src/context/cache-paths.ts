import { EMPTY_MAP, type Frame } from '../compile/frame.ts';
import { OttlRuntimeError } from '../ottl-error.ts';
import { isMap, typeName } from '../value/value.ts';
import type { PathTable } from './field.ts';

/** What every context has for itself. */
export const CACHE_PATHS: PathTable<Frame> = {
  cache: {
    shown: 'pcommon.Map',
    type: 'map',
    isIndexable: true,
    get: (frame) => frame.cache,
    set: (frame, value) => {
      if (isMap(value)) frame.cache = value;
      else if (value !== null) throw new OttlRuntimeError(`expects pcommon.Map but got ${typeName(value)}`);
      else frame.cache = EMPTY_MAP;
    },
  },
};

/** The index of an event or link in its span. */
export const EVENT_INDEX_PATHS: PathTable<Frame> = {
  event_index: { shown: 'int64', type: 'int', get: (frame) => BigInt(frame.index), small: (frame) => frame.index },
};
