/**
 * Makes `dist/millrace`, the collector as it is installed: `dist/millrace/bin/millrace.mjs` is its command line. With a
 * path, makes it there.
 */
import path from 'node:path';
import { bundle } from './bundle/bundle.ts';

const root = path.dirname(import.meta.dirname);
const target = path.resolve(process.env['INIT_CWD'] ?? '.', process.argv[2] ?? path.join(root, 'dist/millrace'));
await bundle(root, target);
console.log(`made ${path.relative(process.env['INIT_CWD'] ?? process.cwd(), target)}`);
