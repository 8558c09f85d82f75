// Evaluates JSONata with its original engine: one request a line, one answer a line.
// Usage: node jsonata_node.mjs <path of the jsonata package>
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const jsonata = createRequire(import.meta.url)(process.argv[2]);

for await (const line of createInterface({ input: process.stdin })) {
  const { text, document } = JSON.parse(line);
  let answer;
  try {
    const result = await jsonata(text).evaluate(document);
    answer = { result: result === undefined ? null : result };
  } catch (error) {
    answer = { error: `${error.code ?? ""} ${error.message ?? error}`.trim() };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
