// Documents per second of JSONata's original engine; processor time of this process.
// Usage: node jsonata_rate.mjs <path of the jsonata package> < {"text", "document", "seconds"}
import { createRequire } from "node:module";
import { text as read } from "node:stream/consumers";

const jsonata = createRequire(import.meta.url)(process.argv[2]);
const { text, document, seconds } = JSON.parse(await read(process.stdin));
const expression = jsonata(text);
const encoded = JSON.stringify(document);

async function rate(make) {
  let best = 0;
  for (let round = 0; round < 4; round += 1) {
    const before = process.cpuUsage();
    let count = 0;
    let used = 0;
    while (used < seconds) {
      for (let n = 0; n < 20; n += 1) await make();
      count += 20;
      const { user, system } = process.cpuUsage(before);
      used = (user + system) / 1e6;
    }
    best = Math.max(best, count / used);
  }
  return best;
}

const result = await expression.evaluate(document);
const parsed = await rate(() => expression.evaluate(document));
const texts = await rate(async () => JSON.stringify(await expression.evaluate(JSON.parse(encoded))));
process.stdout.write(JSON.stringify({ result, parsed, texts }));
