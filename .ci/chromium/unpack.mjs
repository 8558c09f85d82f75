// Unpacks the browser's Brotli files beside this script; Python has no Brotli of its own.
import { createReadStream, createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";

const packed = "node_modules/@sparticuz/chromium/bin";
for (const name of ["chromium", "al2023.tar", "fonts.tar"]) {
  await pipeline(
    createReadStream(`${packed}/${name}.br`),
    createBrotliDecompress(),
    createWriteStream(name),
  );
}
