import packageJson from '../package.json' with { type: 'json' };

/** Version of this collector. */
export const version: string = packageJson.version;
