import { expect, test } from 'vitest';
import { maskRedisArguments } from './redis-arguments.ts';

test.each([
  ['SET key secret', 'SET key ?'],
  ['SET "a b" "c d" EX 10', 'SET "a b" ? EX 10'],
  ['AUTH user pass', 'AUTH ?'],
  ['AUTH', 'AUTH'],
  ['MSET a 1 b 2 c 3', 'MSET a ? b ? c ?'],
  ['HSET h f1 v1 f2 v2', 'HSET h f1 ? f2 ?'],
  ['ZADD k NX CH 1 m 2 n', 'ZADD k NX CH 1 ? 2 ?'],
  ['zadd k gt 1 m', 'zadd k gt 1 ?'],
  ['ZADD k', 'ZADD k'],
  ['LPUSH k a b c', 'LPUSH k ?'],
  ['GET k', 'GET k'],
  ['CONFIG SET dir /x', 'CONFIG SET dir ?'],
  ['CONFIG GET dir', 'CONFIG GET dir'],
  ['BITFIELD k SET i5 0 12 GET u4 0 SET i5 1 13', 'BITFIELD k SET i5 0 ? GET u4 0 SET i5 1 ?'],
  ['GEOADD k 1 2 m 3 4 n', 'GEOADD k 1 2 ? 3 4 ?'],
  ['SETEX k 10 v', 'SETEX k 10 ?'],
  ['LINSERT k BEFORE p v', 'LINSERT k BEFORE p ?'],
  ['SET a b\nGET c\nSET d e', 'SET a ?\nGET c\nSET d ?'],
  ['set k "multi\nline"', 'set k ?'],
  ['  SET   k\tv  ', 'SET k ?'],
  ['SADD s a', 'SADD s ?'],
  ['APPEND k "unfinished', 'APPEND k ?'],
  ['', ''],
])('%j becomes %j', (commands, masked) => {
  expect(maskRedisArguments(commands)).toBe(masked);
});
