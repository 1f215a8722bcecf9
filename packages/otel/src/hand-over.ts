import { context } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import type { Refusal } from './intake.ts';

const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 5_000;

/**
 * Calls `send` until it succeeds, as long as it fails for the moment only and `limitMs` are not over. Rejects with the
 * last error, or when a call is not answered within that time. No instrumentation sees what comes of it.
 */
export function handOver(send: () => Promise<unknown>, limitMs: number): Promise<void> {
  return context.with(suppressTracing(context.active()), () => attempts(send, performance.now() + limitMs, limitMs));
}

async function attempts(send: () => Promise<unknown>, end: number, limitMs: number): Promise<void> {
  for (let pauseMs = PAUSE_MS_MIN; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
    try {
      await answered(send(), end - performance.now(), limitMs);
      return;
    } catch (error) {
      const { retryable, retryAfterMs } = error as Refusal;
      const waitMs = Math.max(retryAfterMs ?? 0, pauseMs * (0.5 + Math.random() / 2));
      if (retryable !== true || performance.now() + waitMs >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

async function answered(answer: Promise<unknown>, leftMs: number, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the collector did not answer within ${limitMs} ms`)), leftMs);
  });
  try {
    await Promise.race([answer, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
