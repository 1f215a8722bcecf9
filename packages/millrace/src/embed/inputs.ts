export type * from '@millrace/receiver-in-process/attached';
