/** What keeps a plugin from being made, in words for the person who asked for it. */
export class CreateError extends Error {
  readonly code: 'KIND' | 'NAME' | 'FOLDER' | 'MISSING';

  constructor(code: CreateError['code'], message: string) {
    super(message);
    this.name = 'CreateError';
    this.code = code;
  }
}
