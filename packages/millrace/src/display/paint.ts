/** Terminal colours, or none. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  green(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
}

const plain: Paint = { bold: same, dim: same, green: same, red: same, yellow: same };

const coloured: Paint = {
  bold: (text) => `\u001B[1m${text}\u001B[22m`,
  dim: (text) => `\u001B[2m${text}\u001B[22m`,
  green: (text) => `\u001B[32m${text}\u001B[39m`,
  red: (text) => `\u001B[31m${text}\u001B[39m`,
  yellow: (text) => `\u001B[33m${text}\u001B[39m`,
};

/** Colours for a stream that shows them; none when `NO_COLOR` is set (https://no-color.org). */
export function paintFor(stream: { readonly isTTY?: boolean }): Paint {
  return stream.isTTY === true && (process.env['NO_COLOR'] ?? '') === '' ? coloured : plain;
}

function same(text: string): string {
  return text;
}
