import { describe, expect, it } from "vitest";
import type { Connection } from "@/api/types";
import {
  apart,
  askedFields,
  besidesFile,
  categoriesOf,
  changes,
  entriesOf,
  expiryTone,
  fullness,
  matching,
  missing,
  startValues,
  waysOf,
  windowUnit,
} from "./model";
import type { ConnectorInfo, Field } from "./queries";

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

const connection = (over: Partial<Connection>) =>
  ({
    slug: "shop",
    name: "Shop",
    connector: "magento",
    environment: "test",
    account: "",
    ...over,
  }) as Connection;

describe("connections of several environments", () => {
  const entries = entriesOf([
    connection({ id: "1" }),
    connection({ id: "2", environment: "production", account: "North GmbH" }),
    connection({ id: "3", slug: "books", name: "Books", connector: "quickbooks" }),
  ]);

  it("are one entry where name and system are the same", () => {
    expect(entries.map(({ slug, sides }) => [slug, Object.keys(sides)])).toEqual([
      ["shop", ["test", "production"]],
      ["books", ["test"]],
    ]);
  });

  it("are found by name, system and account", () => {
    const found = (text: string) =>
      matching(entries, text, (slug) => (slug === "quickbooks" ? "QuickBooks Online" : slug)).map(
        ({ slug }) => slug,
      );
    expect(found("north")).toEqual(["shop"]);
    expect(found("online")).toEqual(["books"]);
    expect(found("")).toHaveLength(2);
  });
});

describe("what a vendor allows", () => {
  it("is full by the share that is used, and never empty once something is", () => {
    expect(fullness(0, 500)).toBe(0);
    expect(fullness(1, 5000)).toBe(1);
    expect(fullness(250, 500)).toBe(50);
    expect(fullness(900, 500)).toBe(100);
    expect(fullness(3, 0)).toBe(0);
  });

  it("is told in whole units", () => {
    expect(windowUnit(60)).toEqual([1, "minute"]);
    expect(windowUnit(90)).toEqual([90, "second"]);
    expect(windowUnit(7200)).toEqual([2, "hour"]);
  });

  it("ends soon or not, and never where it renews itself", () => {
    const now = Date.parse("2026-01-01T00:00:00Z");
    expect(expiryTone("2026-01-05T00:00:00Z", false, now)).toBe("amber");
    expect(expiryTone("2026-01-05T00:00:00Z", true, now)).toBe("green");
    expect(expiryTone("2025-12-31T00:00:00Z", false, now)).toBe("red");
    expect(expiryTone(null, false, now)).toBeNull();
  });
});

describe("a catalogue", () => {
  const connector = (slug: string, categories: string[]) =>
    ({ slug, categories, auth: { kind: "bearer", fields } }) as unknown as ConnectorInfo;

  it("counts its categories, most first", () => {
    const all = [connector("a", ["shop"]), connector("b", ["shop", "erp"]), connector("c", [])];
    expect(categoriesOf(all)).toEqual([
      { name: "shop", count: 2 },
      { name: "erp", count: 1 },
    ]);
  });

  it("asks for the connector's settings whichever way to authorise is chosen", () => {
    const way = (name: string, secret: string) => ({
      name,
      title: name,
      kind: "bearer",
      consent: "" as const,
      file: "",
      fields: [field(secret, { secret: true })],
    });
    const ways = [way("token", "access_token"), way("signed", "consumer_key")];
    const both = waysOf({ ...connector("a", []), ways });
    expect(both.map((one) => one.fields.map(({ name }) => name))).toEqual([
      ["base_url", "store_code", "access_token"],
      ["base_url", "store_code", "consumer_key"],
    ]);
  });

  it("has one way to authorise where a connector lists none", () => {
    expect(waysOf(connector("a", [])).map(({ kind }) => kind)).toEqual(["bearer"]);
  });
});

describe("a vendor's file", () => {
  const field = (name: string) => ({ name, title: name, secret: false, required: true, help: "" });
  const fields = [field("base_url"), field("store"), field("ionapi")] as never;

  it("comes first, and what it fills in is asked for only without it", () => {
    expect(besidesFile(fields, {}).map(({ name }) => name)).toEqual([
      "ionapi",
      "base_url",
      "store",
    ]);
    expect(besidesFile(fields, { ionapi: "{}" }).map(({ name }) => name)).toEqual([
      "ionapi",
      "store",
    ]);
  });
});
