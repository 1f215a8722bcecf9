/**
 * How fast each codec compresses and decompresses, and age seals and opens: `node benchmarks/micro/codec.ts [MEGABYTES]`.
 * All in one run over the same log lines, so that the ratios count; the last columns compare with lz4 and with a memory copy.
 */
import {
  AGE_CHUNK_BYTES,
  AgeDecryptor,
  COMPRESSION_CODECS,
  compress,
  crc32c,
  decompress,
  decompressStream,
  generateIdentity,
  recipientOf,
  sealChunks,
  startAgeFile,
  xxh32,
} from '@millrace/codec';

const MEGABYTES = Number(process.argv[2] ?? 4);
const ROUNDS = 5;

interface Measurement {
  readonly name: string;
  readonly megabytesPerSecond: number;
  readonly ratio?: number;
}

const lines = logLines(MEGABYTES * 1024 * 1024);
const measurements: Measurement[] = [await measure('memory copy', () => lines.slice())];

for (const codec of COMPRESSION_CODECS) {
  if (codec === 'none' || codec === 'deflate') continue;
  const compressed = compress(lines, { codec });
  const ratio = lines.byteLength / compressed.byteLength;
  measurements.push({ ...(await measure(`${codec} compress`, () => compress(lines, { codec }))), ratio });
  measurements.push(
    await measure(`${codec} decompress`, () => decompress(compressed, { codec, maxBytes: lines.byteLength })),
  );
  if (codec !== 'snappy') {
    measurements.push(await measure(`${codec} decompress as a stream`, () => drain(compressed, codec)));
  }
}

const identity = generateIdentity();
const { header, state } = startAgeFile([recipientOf(identity)]);
const sealed = sealChunks(lines, { ...state, final: true });
measurements.push(
  await measure('age seal, 64 KiB chunks', () => sealChunks(lines, { ...state, final: true })),
  await measure('age seal, one chunk a call', () => {
    for (let at = 0; at < lines.byteLength; at += AGE_CHUNK_BYTES) {
      const counter = at / AGE_CHUNK_BYTES;
      sealChunks(lines.subarray(at, at + AGE_CHUNK_BYTES), { payloadKey: state.payloadKey, counter, final: false });
    }
  }),
  await measure('age open', () => {
    const decryptor = new AgeDecryptor([identity]);
    for (const piece of [header, sealed]) for (const content of decryptor.write(piece)) void content;
    for (const content of decryptor.end()) void content;
  }),
  await measure('xxh32', () => xxh32(lines)),
  await measure('crc32c', () => crc32c(lines)),
);
report();

/** The best of a few rounds, each long enough to time: the machine's noise only ever adds. */
async function measure(name: string, act: () => unknown): Promise<Measurement> {
  let bestMs = Number.POSITIVE_INFINITY;
  await act();
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await act();
    bestMs = Math.min(bestMs, performance.now() - start);
    // Native results are freed only when the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { name, megabytesPerSecond: lines.byteLength / 1e3 / bestMs };
}

async function drain(compressed: Uint8Array, codec: Parameters<typeof decompressStream>[1]['codec']): Promise<void> {
  for await (const piece of decompressStream([compressed], { codec })) void piece;
}

function report(): void {
  const copy = measurements[0].megabytesPerSecond;
  const lz4 = measurements.find(({ name }) => name === 'lz4 compress')!.megabytesPerSecond;
  console.log(`${MEGABYTES} MB of log lines, Node ${process.version}`);
  console.log(
    `${''.padEnd(38)}${'MB/s'.padStart(8)}${'ratio'.padStart(8)}${'/ lz4'.padStart(8)}${'/ copy'.padStart(8)}`,
  );
  for (const { name, megabytesPerSecond, ratio } of measurements) {
    const cells = [
      megabytesPerSecond.toFixed(0),
      ratio === undefined ? '' : ratio.toFixed(1),
      (megabytesPerSecond / lz4).toFixed(2),
      (megabytesPerSecond / copy).toFixed(3),
    ];
    console.log(name.padEnd(38) + cells.map((cell) => cell.padStart(8)).join(''));
  }
}

/** Lines with the repetition, and the variety, of a web shop's. */
function logLines(bytes: number): Uint8Array {
  const parts: string[] = [];
  let length = 0;
  for (let line = 0; length < bytes; line++) {
    const user = (line * 104_729) % 99_991;
    const trace = ((line + 1) * 2_654_435_761 * 40_503).toString(16).padStart(16, '0').slice(-16);
    const text = `{"time":${1_700_000_000_000 + line * 37},"severity":"${line % 17 ? 'INFO' : 'ERROR'}","body":"GET /cart/${(line * 7919) % 1000} in ${(line * 31) % 500} ms","user":${user},"trace":"${trace}","host":"web-${line % 5}"}\n`;
    parts.push(text);
    length += text.length;
  }
  return new TextEncoder().encode(parts.join('')).slice(0, bytes);
}
