import fc from "fast-check";
import { expect, it } from "vitest";
import { matching, offsetOf } from "./model";
import type { InstalledConnector } from "./queries";

it("finds the place of a line and column, whatever they are", () => {
  expect(offsetOf("ab\ncde\nf", 2, 3)).toBe(5);
  expect(offsetOf("ab\ncde\nf", 2, 99)).toBe(6);
  expect(offsetOf("ab\ncde\nf", 99, 1)).toBe(7);
  fc.assert(
    fc.property(fc.string(), fc.integer(), fc.integer(), (text, line, column) => {
      const at = offsetOf(text, line, column);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThanOrEqual(text.length);
    }),
  );
});

it("finds connectors by name, category and package", () => {
  const connector = (over: Partial<InstalledConnector>) =>
    ({
      slug: "a",
      name: "A",
      description: "",
      package: "",
      categories: [],
      ...over,
    }) as unknown as InstalledConnector;
  const all = [
    connector({ name: "Shop", categories: ["e-commerce"] }),
    connector({ name: "Books", package: "causeway-books" }),
  ];
  expect(matching(all, "commerce").map(({ name }) => name)).toEqual(["Shop"]);
  expect(matching(all, "causeway").map(({ name }) => name)).toEqual(["Books"]);
  expect(matching(all, " ")).toHaveLength(2);
});
