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

/** A walker for larger messages is not kept, as its memory never shrinks. */
const KEPT_MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

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

/** This thread's walker for a message of `length` bytes; made at the first call. */
export function walkerFor(length: number): Walker {
  compiled ??= new WebAssembly.Module(Buffer.from(WALKER_BASE64, 'base64'));
  if (length > KEPT_MESSAGE_BYTES_MAX) return new Walker(compiled);
  return (kept ??= new Walker(compiled));
}
