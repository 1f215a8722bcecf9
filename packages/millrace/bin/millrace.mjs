#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read, so that they can be told what they lack.
import module from 'node:module';
import { tuneV8 } from './tune-v8.mjs';

const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `millrace needs Node ${NODE_MAJOR_MIN} or newer and this is ${process.version}: in a checkout, "npm start" and "npm run millrace -- <arguments>" use the pinned one.\n`,
  );
  process.exitCode = 1;
} else {
  tuneV8();
  module.enableCompileCache();
  await import('../src/cli.ts');
}
