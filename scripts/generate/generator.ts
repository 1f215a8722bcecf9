/** Makes one committed file from what stands elsewhere in the checkout. */
export interface Generator {
  /** Where the file stands, relative to the root. */
  readonly file: string;
  /** Gives the file's whole text; must give the same text for the same checkout. Prettier formats it afterwards. */
  make(root: string): string | Promise<string>;
}
