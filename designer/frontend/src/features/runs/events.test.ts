import { expect, test } from "vitest";
import { eventWord } from "./events.en";

test("an entry of the journal has a word; a code of a newer server stays a code", () => {
  expect(eventWord("step.waits")).toBe("Waits");
  expect(eventWord("step.of_tomorrow")).toBe("step.of_tomorrow");
});
