export { Backoff } from './backoff.ts';
export type { BackoffSettings } from './backoff.ts';
export type { DeadLetter, GivenUp } from './dead-letter/dead-letter.ts';
export { createDelivery, queuesBatches } from './delivery.ts';
export type { Batching, Delivery, DeliveryOptions, QueueStats, Remains } from './delivery.ts';
export { isForNow } from './delivery-errors.ts';
export type { CutBatch, CutLimit } from './queue-batcher.ts';
export type { Backlog, QueueStore, Stored, Unreadable } from './queue-store.ts';
export { checkDeliverySettings } from './settings-check.ts';
export type { BatchSettings, DeliverySettings, RetrySettings, SendingQueueSettings } from './settings.ts';
export type { Load, Shipment } from './shipment.ts';
export type { SinkState } from './sink-status.ts';
export type { Sizer } from './sizer.ts';
export { DurableQueue, batchForm, shipmentForm } from './storage/durable-queue.ts';
export type { DurableQueueOptions, LoadForm, StoredLoad } from './storage/durable-queue.ts';
export type { FileStatus, FileSystem, OpenFile } from './storage/file-system.ts';
export { NodeFileSystem } from './storage/node-file-system.ts';
export { MachineProcesses } from './storage/owner.ts';
export type { Owner, Processes } from './storage/owner.ts';
export type { NewEntry, PassedOver, QueueLog, QueueTotals, ReadEntry } from './storage/queue-log.ts';
export type { Quarantined } from './storage/quarantine.ts';
export type { RecoveryReport } from './storage/recovery-report.ts';
export { STORAGE_KEY_BYTES } from './storage/sealing.ts';
export { STATE_VALUE_BYTES_MAX } from './storage/state-store.ts';
export type { StateStore } from './storage/state-store.ts';
export { Storage } from './storage/storage.ts';
export type { StorageOptions, StorageSettings, StorageStats } from './storage/storage-settings.ts';
export {
  dropQueue,
  exportDirectory,
  inspectDirectory,
  ownerOf,
  peekQueue,
  repairDirectory,
} from './storage/tools/directory-tools.ts';
export type { DirectoryOverview, QueueOverview, ToolOptions } from './storage/tools/directory-tools.ts';
export { DeadLetterDirectory } from './dead-letter/dead-letter-directory.ts';
export type { DeadLetterDirectoryOptions } from './dead-letter/dead-letter-directory.ts';
export { listDeadLetterFiles } from './dead-letter/dead-letter-files.ts';
export { checksumOf, deadLetterLine, headerOfLine, linesOf } from './dead-letter/dead-letter-line.ts';
export type { DeadLetterHeader } from './dead-letter/dead-letter-line.ts';
