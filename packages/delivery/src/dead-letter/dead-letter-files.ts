import type { FileSystem } from '../storage/file-system.ts';

/** A file of a dead letter directory; higher numbers are newer. */
export interface DeadLetterFile {
  readonly name: string;
  readonly number: number;
}

const FILE_NAME = /^dead-letter-(\d{6,})\.jsonl$/;

export function deadLetterFileName(number: number): string {
  return `dead-letter-${String(number).padStart(6, '0')}.jsonl`;
}

/** The files of a dead letter directory, oldest first. */
export async function listDeadLetterFiles(
  files: Pick<FileSystem, 'list'>,
  directory: string,
): Promise<DeadLetterFile[]> {
  const found: DeadLetterFile[] = [];
  for (const name of await files.list(directory)) {
    const number = FILE_NAME.exec(name)?.[1];
    if (number !== undefined) found.push({ name, number: Number(number) });
  }
  return found.toSorted((a, b) => a.number - b.number);
}
