import { constants as ofNode } from 'node:http2';
import { expect, test } from 'vitest';
import { constants } from './node-http2.ts';

test("the error codes are Node's", () => {
  expect(ofNode).toMatchObject(constants);
});
