import fc from "fast-check";
import { expect, test } from "vitest";
import { type Hit, matching, moved, score } from "./model";

const hit = (title: string): Hit => ({ id: title, group: "flows", title });

test("a name that begins with the text stands before one that only has it inside", () => {
  const found = matching([hit("Reorder"), hit("The order"), hit("Order to cash")], "order");
  expect(found.map(({ title }) => title)).toEqual(["Order to cash", "The order", "Reorder"]);
});

test("words are found in any order, and all of them must be there", () => {
  expect(score("Payment to books", "books pay")).toBeGreaterThan(0);
  expect(score("Payment to books", "books shop")).toBe(0);
});

test("signs that mean something to patterns are only letters here", () => {
  expect(score("Totals (2026)", "(2026)")).toBeGreaterThan(0);
  expect(score("Totals", ".*")).toBe(0);
});

test("the choice stays among the results, whichever way it goes", () => {
  fc.assert(
    fc.property(
      fc.nat(50),
      fc.constantFrom(-1, 1),
      fc.integer({ min: 1, max: 50 }),
      (at, by, n) => {
        const next = moved(at % n, by, n);
        return next >= 0 && next < n;
      },
    ),
  );
  expect(moved(0, 1, 0)).toBe(0);
});
