import { describe, expect, it } from "vitest";
import { parseExact } from "./exact";

const knowsRawJson = "rawJSON" in JSON;

describe("reading JSON exactly", () => {
  it("reads what doubles can hold as ordinary values", () => {
    expect(parseExact('{"qty":2,"price":102.2,"name":"Mug","tags":[null,true]}')).toEqual({
      qty: 2,
      price: 102.2,
      name: "Mug",
      tags: [null, true],
    });
  });

  it.skipIf(!knowsRawJson)("writes every number back as it was written", () => {
    const text = '{"total":102.20,"id":12345678901234567890,"rate":1.0,"lines":[0.10]}';
    expect(JSON.stringify(parseExact(text))).toBe(text);
  });

  it("refuses what is not JSON", () => {
    expect(() => parseExact("{")).toThrow(SyntaxError);
  });
});
