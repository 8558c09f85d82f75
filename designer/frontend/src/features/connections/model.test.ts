import { describe, expect, it } from "vitest";
import { apart, askedFields, changes, missing, startValues } from "./model";
import type { Field } from "./queries";

const field = (name: string, over: Partial<Field> = {}): Field => ({
  name,
  title: name,
  secret: false,
  required: true,
  help: null,
  default: null,
  ...over,
});

const fields = [
  field("base_url"),
  field("store_code", { required: false, default: "default" }),
  field("access_token", { secret: true }),
];

describe("a form for a new connection", () => {
  it("keeps secrets apart from settings and sends nothing that is empty", () => {
    const values = { base_url: " https://shop.example ", store_code: "", access_token: "s3cret" };
    expect(apart(fields, values)).toEqual({
      settings: { base_url: "https://shop.example" },
      secrets: { access_token: "s3cret" },
    });
  });

  it("asks a sandbox for neither address nor keys", () => {
    expect(askedFields(fields, true).map(({ name }) => name)).toEqual(["store_code"]);
    expect(askedFields(fields, false)).toHaveLength(3);
  });

  it("names what is still missing", () => {
    expect(missing(fields, startValues(fields))).toEqual(["base_url", "access_token"]);
  });
});

describe("a form over a connection that exists", () => {
  it("never starts with a secret and sends only what was changed", () => {
    const before = startValues(fields, { base_url: "https://a.example", access_token: "leaked" });
    expect(before.access_token).toBe("");
    expect(changes(fields, before, { ...before, store_code: "all" })).toEqual({
      settings: { store_code: "all" },
      secrets: {},
    });
    expect(changes(fields, before, { ...before, access_token: "new" }).secrets).toEqual({
      access_token: "new",
    });
  });
});
