/** What the decoder has to know of a body that a server took in. */
export interface PayloadForm {
  readonly protocol: 'grpc' | 'http';
  readonly json: boolean;
  /** Content encoding; empty for a plain body. */
  readonly encoding: string;
}
