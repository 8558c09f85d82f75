import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { openScreen, Refusal } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const connector = {
  slug: "magento",
  name: "Magento",
  origin: "built_in",
  package: "",
  enabled: true,
  version: "1.0",
  own_id: "",
  problem: "",
  connections: [{ id: "c1", name: "Web shop", environment: "test" }],
  description: "A shop.",
  icon: null,
  categories: ["shop"],
  has_sandbox: true,
  operation_count: 12,
};
const plugin = {
  ...connector,
  slug: "acme",
  name: "Acme",
  origin: "package",
  package: "causeway-acme",
  enabled: false,
  connections: [],
};
const broken = {
  ...connector,
  slug: "own-1-crm",
  name: "CRM",
  origin: "workspace",
  own_id: "own_1",
  problem: "connector.yaml is not valid, line 4:3.",
};
const own = {
  id: "own_1",
  slug: "own-1-crm",
  short_name: "crm",
  name: "CRM",
  version: 2,
  created_at: "2026-01-01T00:00:00Z",
  manifest: "slug: crm\nname: CRM\n",
};

const answers = {
  "GET /installed-connectors": { items: [broken, connector, plugin], next: null },
  "GET /own-connectors/own_1": own,
  "GET /own-connectors/own_1/versions": {
    items: [
      { number: 2, in_use: true, author: "Alice", created_at: "2026-01-02T00:00:00Z" },
      { number: 1, in_use: false, author: "Alice", created_at: "2026-01-01T00:00:00Z" },
    ],
    next: null,
  },
  "POST /own-connectors/check": { items: [], next: null },
};

test("a connector that cannot be read says why, and the others are listed all the same", async () => {
  openScreen("/connectors", answers);
  const table = await screen.findByRole("table", { name: "Connectors" });
  expect(await within(table).findByText("Magento")).toBeInTheDocument();
  expect(screen.getByText("1 connector cannot be read")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Mend CRM" })).toBeInTheDocument();
  expect(within(table).getAllByRole("link", { name: "Web shop" })).toHaveLength(2);
});

test("a package is enabled only after one is told that its code will run here", async () => {
  const live = openScreen("/connectors", { ...answers, "PUT /connectors/acme/enabled": {} });
  await userEvent.click(await screen.findByRole("button", { name: "Enable Acme" }));
  const dialog = await screen.findByRole("dialog");
  expect(dialog).toHaveTextContent("causeway-acme");
  expect(live.calls.some(({ method }) => method === "PUT")).toBe(false);
  await userEvent.click(within(dialog).getByRole("button", { name: "Enable it" }));
  await waitFor(() =>
    expect(live.calls.some(({ method, path }) => method === "PUT" && path.includes("acme"))).toBe(
      true,
    ),
  );
});

test("a problem of a manifest leads to its place, and it cannot be added before it is mended", async () => {
  const live = openScreen("/connectors/new", {
    ...answers,
    "POST /own-connectors/check": ({ body }: { body: unknown }) => ({
      items: (body as { manifest: string }).manifest.includes("wrong")
        ? [{ line: 2, column: 4, path: "name", message: "This is wrong.", hint: "Mend it." }]
        : [],
      next: null,
    }),
    "POST /own-connectors": own,
  });
  const text = await screen.findByRole<HTMLTextAreaElement>("textbox", { name: /Manifest/ });
  await userEvent.clear(text);
  await userEvent.type(text, "slug: crm{Enter}a: wrong");
  await userEvent.click(await screen.findByRole("button", { name: /Line 2, column 4/ }));
  expect(text.selectionStart).toBe("slug: crm\na: ".length);
  expect(screen.getByRole("button", { name: "Add connector" })).toBeDisabled();
  await userEvent.clear(text);
  await userEvent.type(text, "slug: crm");
  expect(await screen.findByText("All is well")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Add connector" }));
  await waitFor(() =>
    expect(live.calls.find(({ path }) => path === "/own-connectors")?.body).toEqual({
      manifest: "slug: crm",
    }),
  );
});

test("from an OpenAPI document to a manifest to look at", async () => {
  const operations = [
    { id: "listThings", method: "GET", path: "/things", title: "List things", effect: "read" },
    { id: "addThing", method: "POST", path: "/things", title: "Add a thing", effect: "write" },
  ];
  const live = openScreen("/connectors/new?from=openapi", {
    ...answers,
    "POST /own-connectors/draft": ({ body }: { body: unknown }) => ({
      title: "Things",
      operations,
      manifest: (body as { operations?: string[] }).operations ? "slug: things\n" : "",
      notes: (body as { operations?: string[] }).operations ? ["Choose how to authorise."] : [],
      problems: [],
    }),
  });
  await userEvent.type(await screen.findByLabelText(/paste it here/), "openapi: 3.0.0");
  await userEvent.click(screen.getByRole("button", { name: "Show operations" }));
  await userEvent.click(await screen.findByRole("checkbox", { name: /Add a thing/ }));
  await userEvent.click(screen.getByRole("button", { name: "Draft the manifest" }));
  expect(await screen.findByRole("textbox", { name: /Manifest/ })).toHaveValue("slug: things\n");
  expect(screen.getByText("Choose how to authorise.")).toBeInTheDocument();
  expect(live.calls.filter(({ path }) => path.endsWith("/draft")).at(-1)?.body).toMatchObject({
    operations: ["addThing"],
  });
});

test("an older version can be looked at and brought back; one in use is not deleted", async () => {
  const live = openScreen("/connectors/own_1", {
    ...answers,
    "GET /own-connectors/own_1": ({ path }: { path: string }) =>
      path.includes("version=1") ? { ...own, version: 1, manifest: "slug: crm\n" } : own,
    "PUT /own-connectors/own_1": { ...own, version: 3 },
    "DELETE /own-connectors/own_1": new Refusal(409, {
      title: "The connections Web shop are made with it.",
      code: "connector.in_use",
      hint: "Delete them first.",
      connections: ["Web shop"],
    }),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Look at version 1" }));
  expect(await screen.findByText(/You see version 1/)).toBeInTheDocument();
  const save = screen.getByRole("button", { name: "Save as version 3" });
  await waitFor(() => expect(save).toBeEnabled());
  await userEvent.click(save);
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "PUT")?.body).toEqual({
      manifest: "slug: crm\n",
    }),
  );
  await userEvent.click(screen.getByRole("button", { name: "More" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete connector" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete it" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("are made with it");
  expect(within(dialog).getByRole("button", { name: "Delete it" })).toBeDisabled();
});

test("who may only look can neither add nor enable", async () => {
  openScreen("/connectors", answers, ["connections.view"]);
  expect(await screen.findByRole("table", { name: "Connectors" })).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "New connector" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Enable Acme" })).not.toBeInTheDocument();
});
