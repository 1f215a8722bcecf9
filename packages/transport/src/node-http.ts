/**
 * What is used of node:http. An `import` from there reads all of its exports, among them getters that load the whole of undici:
 * 13 MB and 40 ms in every thread, for classes that nobody here uses.
 */
export const { Agent, createServer, request, STATUS_CODES } = process.getBuiltinModule('node:http');
