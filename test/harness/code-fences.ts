/** A fenced block of a Markdown page. */
export interface CodeFence {
  readonly language: string;
  readonly text: string;
  /** The file that its first line names, as a comment of nothing but a path: `// src/index.ts`, `# pipeline.yaml`. */
  readonly file: string | undefined;
  /** Line of the page on which the text begins, from 1. */
  readonly line: number;
}

const FENCE = /^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm;
const NAME = /^(?:\/\/|#) (\S+\.\w+)\n/;

/** Every fenced block of a page, in order. */
export function codeFences(markdown: string): readonly CodeFence[] {
  return Array.from(markdown.matchAll(FENCE), ({ index, 1: language = '', 2: text = '' }) => {
    const line = markdown.slice(0, index).split('\n').length + 1;
    return { language, text, file: NAME.exec(text)?.[1], line };
  });
}
