import { jsonSchema } from '@millrace/config';
import { registryWith } from './components.ts';

/** Prints the JSON Schema of configuration files. The result is the exit code. */
export async function printSchema(options: { readonly plugin: readonly string[] }): Promise<number> {
  const entries = await (await registryWith(options.plugin)).all();
  const schema = jsonSchema(entries.map(({ definition }) => definition));
  process.stdout.write(`${JSON.stringify(schema, undefined, 2)}\n`);
  return 0;
}
