/**
 * The client of tus that pages use, as a program: what it is told stands in its first line of input, as JSON.
 *
 * Sends a file of `size` bytes in pieces of `chunk`, and goes on by itself when a server is away. Prints the address,
 * each offset that the server has confirmed, and at the end `done`, or why not.
 */
import { Upload } from 'tus-js-client';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const told = JSON.parse(Buffer.concat(chunks).toString());
const file = Buffer.alloc(told.size);
for (let n = 0; n < told.size; n += 1) file[n] = (n * 31 + (n >> 8)) & 255;

const say = (/** @type {any} */ what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const upload = new Upload(file, {
  endpoint: told.endpoint,
  headers: { Authorization: `Bearer ${told.token}` },
  metadata: told.metadata,
  chunkSize: told.chunk,
  retryDelays: Array(600).fill(100),
  uploadDataDuringCreation: told.atOnce,
  removeFingerprintOnSuccess: true,
  overridePatchMethod: told.override,
  onUploadUrlAvailable: () => say({ url: upload.url }),
  onChunkComplete: (_size, accepted) => say({ accepted }),
  onError: (error) => say({ error: String(error) }),
  onSuccess: () => say('done'),
});
upload.start();
