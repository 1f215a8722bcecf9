export * from '@millrace/records';
