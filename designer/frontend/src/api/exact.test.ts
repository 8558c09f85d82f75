import { describe, expect, it } from "vitest";
import { exactText, parseExact } from "./exact";

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

describe("the text of a value", () => {
  it("is as the server wrote it, and nothing for what is no scalar", () => {
    expect([
      exactText(102.2),
      exactText("x"),
      exactText(false),
      exactText({ rawJSON: "102.20" }),
    ]).toEqual(["102.2", "x", "false", "102.20"]);
    expect([exactText(null), exactText({}), exactText([1])]).toEqual([null, null, null]);
  });
});
