import { Piscina } from 'piscina';
import type { Block } from './block.ts';
import type { Priority } from './mill.ts';
import { AT_SLOT } from './protocol.ts';
import type { Request } from './protocol.ts';
import type { VitalsRow } from './vitals.ts';

/** One request on its way through the pool: Piscina's queue and balancer see it, the worker sees its request. */
export class Assignment {
  readonly request: Request;
  readonly priority: Priority;
  /** Memory that the request refers to. */
  readonly blocks: readonly Block[];
  readonly submittedAt = performance.now();
  /** Set when a worker is chosen. */
  worker = -1;
  slot = -1;
  vitals: VitalsRow | undefined;
  startedAt = 0;
  /** Pulse of the slot before the worker began. */
  firstPulse = 0;
  /** On the pool's account of time. */
  work: { at: number } | undefined;
  /** Kept by the watchdog: the pulse that it saw last, and for how long that has not changed. */
  pulse = 0;
  begun = false;
  stillMs = 0;
  overdue = false;

  constructor(request: Request, blocks: readonly Block[], priority: Priority) {
    this.request = request;
    this.blocks = blocks;
    this.priority = priority;
  }

  assign(worker: number, slot: number, vitals: VitalsRow): void {
    this.worker = worker;
    this.slot = slot;
    this.vitals = vitals;
    this.startedAt = performance.now();
    this.firstPulse = vitals.pulse;
    this.pulse = this.firstPulse;
    this.request.numbers[AT_SLOT] = slot;
  }

  /** What Piscina is given. Symbols are not cloned: the worker gets the request alone. */
  get task(): Request {
    return Object.assign(this.request, { [Piscina.queueOptionsSymbol]: this });
  }
}

/** The assignment behind what Piscina hands to queues and balancers. */
export function assignmentOf(task: object): Assignment {
  return (task as { [key: symbol]: unknown })[Piscina.queueOptionsSymbol] as Assignment;
}
