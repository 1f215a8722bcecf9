#!/usr/bin/env node
// Plain JavaScript that old versions of Node can read, so that they can be told what they lack.
const NODE_MAJOR_MIN = 24;

if (Number(process.versions.node.split('.')[0]) < NODE_MAJOR_MIN) {
  process.stderr.write(
    `create-millrace-plugin needs Node ${NODE_MAJOR_MIN} or newer, as plugins do; this is ${process.version}\n`,
  );
  process.exitCode = 1;
} else {
  const { main } = await import('../src/index.ts');
  process.exitCode = await main(process.argv.slice(2));
}
