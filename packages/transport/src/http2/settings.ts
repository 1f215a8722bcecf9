import { ConnectionError, ErrorCode } from './error-code.ts';
import { FRAME_BYTES_DEFAULT, readUint32, writeUint32 } from './frame.ts';
import { WINDOW_BYTES_DEFAULT, WINDOW_BYTES_MAX } from './flow-control.ts';
import { TABLE_BYTES_DEFAULT } from './hpack-table.ts';

/** RFC 9113, section 6.5.2. */
const SettingId = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

export const SETTING_BYTES = 6;
const FRAME_BYTES_MAX = 2 ** 24 - 1;

/** What one side announces; push is never wanted. */
export interface LocalSettings {
  /** Bytes that the peer may send ahead on each stream. */
  readonly windowBytes: number;
  /** The same over all streams. */
  readonly connectionWindowBytes: number;
  readonly frameBytesMax: number;
  readonly headerListBytesMax: number;
  /** Streams that the peer may have open at once; for servers. */
  readonly streamsMax: number | undefined;
}

/** What the peer has announced, from its defaults on. */
export class RemoteSettings {
  headerTableBytes = TABLE_BYTES_DEFAULT;
  streamsMax = Number.POSITIVE_INFINITY;
  windowBytes = WINDOW_BYTES_DEFAULT;
  frameBytesMax = FRAME_BYTES_DEFAULT;

  /** Takes over the payload of a SETTINGS frame. Throws a {@link ConnectionError} where a value is out of its bounds. */
  update(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += SETTING_BYTES) {
      this.#set(bytes[at] * 256 + bytes[at + 1], readUint32(bytes, at + 2));
    }
  }

  #set(id: number, value: number): void {
    switch (id) {
      case SettingId.HEADER_TABLE_SIZE:
        this.headerTableBytes = value;
        break;
      case SettingId.ENABLE_PUSH:
        if (value > 1) throw outOfBounds('ENABLE_PUSH', value);
        break;
      case SettingId.MAX_CONCURRENT_STREAMS:
        this.streamsMax = value;
        break;
      case SettingId.INITIAL_WINDOW_SIZE:
        if (value > WINDOW_BYTES_MAX) throw outOfBounds('INITIAL_WINDOW_SIZE', value, ErrorCode.FLOW_CONTROL_ERROR);
        this.windowBytes = value;
        break;
      case SettingId.MAX_FRAME_SIZE:
        if (value < FRAME_BYTES_DEFAULT || value > FRAME_BYTES_MAX) throw outOfBounds('MAX_FRAME_SIZE', value);
        this.frameBytesMax = value;
        break;
      default:
      // Unknown settings are ignored.
    }
  }
}

/** Payload of our SETTINGS frame. */
export function encodeSettings(settings: LocalSettings): Uint8Array {
  const entries: (readonly [id: number, value: number])[] = [
    [SettingId.ENABLE_PUSH, 0],
    [SettingId.INITIAL_WINDOW_SIZE, settings.windowBytes],
    [SettingId.MAX_FRAME_SIZE, settings.frameBytesMax],
    [SettingId.MAX_HEADER_LIST_SIZE, settings.headerListBytesMax],
  ];
  if (settings.streamsMax !== undefined) entries.push([SettingId.MAX_CONCURRENT_STREAMS, settings.streamsMax]);
  const payload = new Uint8Array(entries.length * SETTING_BYTES);
  entries.forEach(([id, value], position) => {
    payload[position * SETTING_BYTES + 1] = id;
    writeUint32(payload, position * SETTING_BYTES + 2, value);
  });
  return payload;
}

function outOfBounds(name: string, value: number, code: number = ErrorCode.PROTOCOL_ERROR): ConnectionError {
  return new ConnectionError(code, `SETTINGS_${name} of ${value}`);
}
