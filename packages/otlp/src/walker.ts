import { Buffer } from 'node:buffer';
import { WALKER_BASE64 } from './walker-binary.ts';
import { SLACK_BYTES } from './walker-format.ts';
import { walkerPlans } from './walker-plans.ts';
import type { PlannedSignal, WalkerPlans } from './walker-plans.ts';
import { copyBlock } from './wire.ts';

/** What `wasm/walker.ts` exports. */
interface WalkerExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  walk(start: number, end: number, plan: number, depthMax: number): number;
  items(): number;
}

/** As much of WebAssembly's interface as is used: the compiler knows it only together with the browser's. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: WalkerExports };
};

const PAGE_BYTES = 65_536;

/** Where the walker's memory begins for us; positions of 0 mean "malformed" to it. */
const ORIGIN = 8;

/** As 32 bits can say. */
const DEPTH_LIMIT = 2 ** 31 - 1;

/** Memory of WebAssembly never shrinks: a walker that has more than this is given up, after so many messages that need less. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;
const MESSAGES_UNTIL_GIVEN_UP = 256;

/**
 * The walker in WebAssembly and its memory, to which every message is copied first: a tenth of the walk, and views of shared memory
 * and private memory are all the same then.
 */
export class Walker {
  readonly #exports: WalkerExports;
  readonly #plans: WalkerPlans;
  readonly #messageAt: number;
  #memory: Uint8Array;

  constructor(module: object) {
    this.#exports = new WebAssembly.Instance(module).exports;
    this.#plans = walkerPlans(ORIGIN);
    this.#messageAt = ORIGIN + this.#plans.bytes.length;
    this.#memory = new Uint8Array(this.#exports.memory.buffer);
    this.#reserve(0);
    copyBlock(this.#plans.bytes, this.#memory, ORIGIN);
  }

  get memoryBytes(): number {
    return this.#memory.length;
  }

  /** Items of the request that was walked last. */
  get items(): number {
    return this.#exports.items();
  }

  /** Walks a request: OK, ODD or BAD, combined. */
  walk(signal: PlannedSignal, request: Uint8Array, depthMax: number): number {
    this.#reserve(request.length);
    copyBlock(request, this.#memory, this.#messageAt);
    const end = this.#messageAt + request.length;
    return this.#exports.walk(this.#messageAt, end, this.#plans.requests[signal], Math.min(depthMax, DEPTH_LIMIT));
  }

  #reserve(length: number): void {
    const missing = this.#messageAt + length + SLACK_BYTES - this.#memory.length;
    if (missing <= 0) return;
    const { memory } = this.#exports;
    memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#memory = new Uint8Array(memory.buffer);
  }
}

let compiled: object | undefined;
let kept: Walker | undefined;
let smallInARow = 0;

/** This thread's walker, for a message of `length` bytes; made at the first call. */
export function walkerFor(length: number): Walker {
  smallInARow = length > KEPT_BYTES_MAX / 2 ? 0 : smallInARow + 1;
  if (kept !== undefined && (smallInARow < MESSAGES_UNTIL_GIVEN_UP || kept.memoryBytes <= KEPT_BYTES_MAX)) return kept;
  compiled ??= new WebAssembly.Module(Buffer.from(WALKER_BASE64, 'base64'));
  kept = new Walker(compiled);
  return kept;
}
