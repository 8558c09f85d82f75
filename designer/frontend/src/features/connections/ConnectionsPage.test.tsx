import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { openScreen, Refusal } from "@/shared/screen.testing";

afterEach(() => vi.unstubAllGlobals());

const magento = {
  slug: "magento",
  name: "Magento",
  icon: null,
  description: "A shop.",
  categories: ["shop"],
  has_sandbox: true,
  readme: "",
  auth: {
    kind: "bearer",
    fields: [
      {
        name: "base_url",
        title: "Shop address",
        secret: false,
        required: true,
        help: null,
        default: null,
      },
      {
        name: "access_token",
        title: "Access token",
        secret: true,
        required: true,
        help: null,
        default: null,
      },
    ],
  },
};

const shop = {
  id: "c1",
  slug: "magento",
  name: "Web shop",
  connector: "magento",
  environment: "test",
  status: "ready",
  sandbox: false,
  base_url: "https://shop.example",
  settings: { base_url: "https://shop.example" },
  has_secrets: ["access_token"],
  account: "",
  expires_at: null,
  webhook_url: "https://causeway.example/hooks/abc",
  last_used_at: null,
  last_error: "",
  used_by: [{ flow_id: "f1", name: "Order to invoice" }],
};

const answers = {
  "GET /connectors": { items: [magento], next: null },
  "GET /connectors/magento": magento,
  "GET /connections": { items: [shop], next: null },
  "GET /connections/c1": shop,
  "GET /connections/c1/history": { items: [], next: null },
  "GET /connections/c1/uses": { items: [], next: null },
  "GET /connections/c1/sharing": { everybody: true, roles: [], members: [], candidates: [] },
  "POST /connections": { ...shop, id: "c1" },
  "POST /connections/c1/test": {
    ok: false,
    message: "The shop refuses the token.",
    hint: "Make a new one.",
  },
};

test("a sandbox connection is made from its name alone, tested before it is kept", async () => {
  const live = openScreen("/connections", answers);
  await userEvent.click(await screen.findByRole("button", { name: "Add connection" }));
  await userEvent.click(await screen.findByRole("button", { name: /Magento A shop/ }));
  expect(await screen.findByRole("switch", { name: /built-in sandbox/ })).toBeChecked();
  expect(screen.queryByLabelText(/Access token/)).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Save and test" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toMatchObject({
      connector: "magento",
      environment: "test",
      sandbox: true,
      secrets: {},
      test: true,
    }),
  );
  expect(await screen.findByRole("heading", { name: "Web shop" })).toBeInTheDocument();
});

test("a test that fails keeps the form and offers to save anyway", async () => {
  const live = openScreen("/connections?add=magento", {
    ...answers,
    "POST /connections": ({ body }: { body: unknown }) =>
      (body as { test: boolean }).test
        ? new Refusal(422, {
            title: "The shop refuses the token.",
            code: "connection.test_failed",
            hint: "Make a new one.",
          })
        : { ...shop, id: "c1" },
  });
  await userEvent.click(await screen.findByRole("button", { name: "Save and test" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("It does not work");
  expect(screen.getByText(/The shop refuses the token\. Make a new one\./)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Save anyway" }));
  await waitFor(() =>
    expect(live.calls.filter(({ method }) => method === "POST").at(-1)?.body).toMatchObject({
      test: false,
    }),
  );
});

test("test and production of one name are one card, and the missing side can be connected", async () => {
  openScreen("/connections", answers);
  expect(await screen.findByRole("link", { name: /Web shop, Test/ })).toBeInTheDocument();
});

test("an address that is not in the list of choices is still shown", async () => {
  const listed = {
    ...magento,
    auth: {
      kind: "bearer",
      fields: magento.auth.fields.map((field) =>
        field.name === "base_url"
          ? { ...field, choices: [{ value: "https://live.example", title: "Live" }] }
          : field,
      ),
    },
  };
  openScreen("/connections/c1", { ...answers, "GET /connectors/magento": listed });
  expect(await screen.findByRole("combobox", { name: /Shop address/ })).toHaveValue(
    "https://shop.example",
  );
});

test("a real account needs its address and its secret, which goes out apart and hidden", async () => {
  const live = openScreen("/connections?add=magento", answers);
  await userEvent.click(await screen.findByRole("switch", { name: /built-in sandbox/ }));
  await userEvent.click(screen.getByRole("button", { name: "Save and test" }));
  expect(screen.getByText("Shop address is needed.")).toBeInTheDocument();
  expect(live.calls.some(({ method }) => method === "POST")).toBe(false);
  await userEvent.type(screen.getByLabelText(/Shop address/), "https://shop.example");
  const secret = screen.getByLabelText(/Access token/);
  expect(secret).toHaveAttribute("type", "password");
  await userEvent.type(secret, "s3cret");
  await userEvent.click(screen.getByRole("button", { name: "Save and test" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "POST")?.body).toMatchObject({
      sandbox: false,
      settings: { base_url: "https://shop.example" },
      secrets: { access_token: "s3cret" },
    }),
  );
});

test("a field that the server refuses is marked where it stands", async () => {
  openScreen("/connections?add=magento", {
    ...answers,
    "POST /connections": new Refusal(422, {
      title: "This does not make a connection",
      detail: "The address is not reachable.",
      fields: { name: "There is one of that name." },
    }),
  });
  await userEvent.click(await screen.findByRole("button", { name: "Save and test" }));
  expect(await screen.findByText("There is one of that name.")).toBeInTheDocument();
});

test("a secret is never shown again and only sent when it is typed anew", async () => {
  const live = openScreen("/connections/c1", { ...answers, "PATCH /connections/c1": shop });
  const secret = await screen.findByLabelText(/Access token/);
  expect(secret).toHaveValue("");
  expect(secret).toHaveAttribute("placeholder", "Kept. Type to replace it.");
  expect(screen.getByRole("button", { name: "Save changes" })).toBeDisabled();
  await userEvent.type(secret, "new");
  await userEvent.click(screen.getByRole("button", { name: "Save changes" }));
  await waitFor(() =>
    expect(live.calls.find(({ method }) => method === "PATCH")?.body).toEqual({
      settings: {},
      secrets: { access_token: "new" },
    }),
  );
});

test("a connection in use shows its flows instead of being deleted", async () => {
  openScreen("/connections/c1", answers);
  await userEvent.click(await screen.findByRole("button", { name: "More actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
  const dialog = await screen.findByRole("dialog");
  expect(within(dialog).getByRole("link", { name: "Order to invoice" })).toBeInTheDocument();
  expect(within(dialog).getByRole("button", { name: "Delete" })).toBeDisabled();
});

test("back from the consent page the result is told", async () => {
  openScreen("/connections/c1?problem=consent.denied", answers);
  expect(await screen.findByRole("alert")).toHaveTextContent("The authorisation was not given.");
});

test("who may only look finds no way to change a connection", async () => {
  openScreen("/connections/c1", answers, ["connections.view"]);
  expect(await screen.findByRole("heading", { name: "Web shop" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Test" })).not.toBeInTheDocument();
  expect(screen.queryByLabelText(/Access token/)).not.toBeInTheDocument();
});
