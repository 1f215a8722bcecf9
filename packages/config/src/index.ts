export type * from './resolved-config.ts';
