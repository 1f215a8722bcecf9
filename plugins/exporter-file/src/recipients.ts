import { ComponentError, messageOf, readErrorText } from '@millrace/api';
import { parseRecipient, parseRecipientFile, type AgeRecipient } from '@millrace/codec';
import type { FileExporterConfig } from './config.ts';
import type { FileSystem } from './file-system.ts';

/**
 * Everybody that files are encrypted for.
 * @throws {ComponentError} if the recipients file cannot be read or is malformed
 */
export async function readRecipients(
  { recipients, recipients_file: path }: NonNullable<FileExporterConfig['encryption']>,
  fs: FileSystem,
): Promise<AgeRecipient[]> {
  const named = recipients.map(parseRecipient);
  if (path === undefined) return named;
  let text: string;
  try {
    text = await fs.readText(path);
  } catch (error) {
    const secret = path.replace(/\.pub$/, '');
    throw new ComponentError(`cannot read recipients_file "${path}": ${readErrorText(error)}`, {
      code: 'RECIPIENTS_UNREADABLE',
      remedy: `check the path; \`millrace keygen ${secret}\` makes a key and "${secret}.pub"`,
      cause: error,
    });
  }
  try {
    return [...named, ...parseRecipientFile(text)];
  } catch (error) {
    throw new ComponentError(`recipients_file "${path}" is not usable: ${messageOf(error)}`, {
      code: 'RECIPIENTS_MALFORMED',
      remedy: 'give it one recipient (age1…) a line, and nothing else but comments with #',
      cause: error,
    });
  }
}
