import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { checkJson, sameJson } from "./jsonText";

describe("checking JSON text", () => {
  it("keeps every digit of a number as it was written", () => {
    const laidOut = checkJson('{"total":102.20,"id":12345678901234567890,"rate":1e-7}');
    expect(laidOut).toEqual({
      ok: true,
      text: '{\n  "total": 102.20,\n  "id": 12345678901234567890,\n  "rate": 1e-7\n}',
    });
  });

  it("lays any document out like the platform does", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const wanted = JSON.stringify(value, null, 2);
        expect(checkJson(JSON.stringify(value))).toEqual({ ok: true, text: wanted });
        expect(checkJson(wanted)).toEqual({ ok: true, text: wanted });
      }),
    );
  });

  it("accepts exactly what the platform accepts", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      "1",
      "-0.5",
      "01",
      "null",
      " ",
      '"',
      "\\",
      ".",
      "e1",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
        const text = parts.join("");
        let accepted = true;
        try {
          JSON.parse(text);
        } catch {
          accepted = false;
        }
        expect(checkJson(text).ok).toBe(accepted);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['{"a": 1,}', "trailing_comma", 1, 8],
    ['{\n  "a" 1\n}', "colon", 2, 7],
    ["[1 2]", "comma_or_end", 1, 4],
    ['{"a": "open}', "text_end", 1, 7],
    ["", "empty", 1, 1],
    ["{} x", "after_end", 1, 4],
  ])("says where %j is wrong", (text, message, line, column) => {
    expect(checkJson(text)).toEqual({ ok: false, problem: { message, line, column } });
  });

  it("sees through white space but not through digits", () => {
    expect(sameJson('{"a":1}', '{ "a" : 1 }')).toBe(true);
    expect(sameJson('{"a":1.0}', '{"a":1}')).toBe(false);
    expect(sameJson("nope", "nope")).toBe(false);
  });
});
