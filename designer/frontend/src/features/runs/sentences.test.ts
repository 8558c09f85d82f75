import { expect, it } from "vitest";
import { sentences } from "./sentences";

it("ends each text with a mark and leaves out what is missing", () => {
  expect(sentences("The request failed", "Try again.", null, " ", undefined)).toBe(
    "The request failed. Try again.",
  );
  expect(sentences("It said “no.”", "Why?")).toBe("It said “no.” Why?");
});
