import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { call, field } from "./expressions";
import { type FakeServer, serve, showMapper } from "./testing";
import type { MappingDocument } from "./types";

const NUMBER = field("trigger.increment_id");
const RULES: MappingDocument = {
  schema: 1,
  rules: [{ id: "r1", target: "DocNumber", expr: call("label", NUMBER, NUMBER) }],
};
const LABEL = {
  name: "label",
  title: "Label",
  params: [
    { name: "text", type: "any", required: true },
    { name: "more", type: "any", required: true },
  ],
  body: call("upper", field("$text")),
};

let server: FakeServer;
beforeEach(() => {
  window.localStorage.clear();
  // A text that grows with what is in it asks for the fonts, which are not here.
  Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });
  server = serve();
  server.own = [
    {
      id: "fn_1",
      name: "label",
      title: "Label",
      description: "As on paper.",
      version: 2,
      args: LABEL.params,
      function: LABEL,
    },
  ];
});
afterEach(() => vi.unstubAllGlobals());

it("a function of the workspace is unfolded, changed, and saved as its own new version", async () => {
  const user = userEvent.setup();
  const { saved } = showMapper(RULES);
  const tree = within(await screen.findByRole("tree", { name: "Target" }));
  const row = tree.getByRole("treeitem", { name: "DocNumber" });
  await user.click(row.querySelector("[title]") as HTMLElement);
  const more = async (entry: string) => {
    await user.click(screen.getByRole("button", { name: "More about this mapping" }));
    await user.click(await screen.findByRole("menuitem", { name: entry }));
  };
  await more("Put the function's own steps in its place");
  await more("Save as a function of the workspace");
  const as = await screen.findByRole("combobox", { name: "Save" });
  await user.selectOptions(as, "as version 3 of Label");
  const text = screen.getByRole<HTMLSelectElement>("combobox", { name: "What text is here" });
  expect(text.value).toBe("trigger.increment_id");
  expect(screen.getByRole<HTMLSelectElement>("combobox", { name: "What more is here" }).value).toBe(
    "",
  );
  await user.click(screen.getByRole("button", { name: "Save the function" }));
  await screen.findByText("Function “Label” saved.");
  expect(server.asked.at(-1)).toEqual({
    path: "/api/v1/w/acme/own-functions/fn_1",
    body: { function: LABEL, description: "As on paper." },
  });
  await user.click(screen.getByRole("button", { name: "Save mapping" }));
  expect(saved.mock.calls[0]?.[0].rules[0]?.expr).toEqual(call("label", NUMBER, { op: "hole" }));
});

it("a new version takes one more value, which mappings that call it need not give", async () => {
  const user = userEvent.setup();
  const wider = call("upper", NUMBER, field("trigger.grand_total"), field("trigger.increment_id"));
  server.refuses = (path, body) =>
    path.includes("/own-functions/fn_1") && body.even_so !== true && !hasDefault(body)
      ? {
          code: "own_function.callers",
          title: "“Label” is called with too few values by Orders: Map / total.",
          callers: [{ kind: "flow", name: "Orders", step: "Map", target: "total", values: 2 }],
        }
      : null;
  const { saved } = showMapper({
    schema: 1,
    rules: [{ id: "r1", target: "DocNumber", expr: wider }],
  });
  const tree = within(await screen.findByRole("tree", { name: "Target" }));
  const row = tree.getByRole("treeitem", { name: "DocNumber" });
  await user.click(row.querySelector("[title]") as HTMLElement);
  await user.click(screen.getByRole("button", { name: "More about this mapping" }));
  await user.click(
    await screen.findByRole("menuitem", { name: "Save as a function of the workspace" }),
  );
  const as = await screen.findByRole("combobox", { name: "Save" });
  await user.selectOptions(as, "as version 3 of Label");
  await user.selectOptions(screen.getByRole("combobox", { name: "What more is here" }), "not used");
  const added = screen.getByRole("textbox", { name: "New: grand_total, where nothing is given" });
  await user.click(screen.getByRole("button", { name: "Save the function" }));
  const callers = within(await screen.findByRole("list", { name: "What calls it" }));
  expect(callers.getByRole("listitem")).toHaveTextContent("Orders / Map / total");
  expect(screen.getByRole("button", { name: "Save all the same" })).toBeEnabled();
  await user.type(added, "1.5");
  expect(screen.queryByRole("list", { name: "What calls it" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Save the function" }));
  await screen.findByText("Function “Label” saved.");
  expect(server.asked.at(-1)?.body.function).toMatchObject({
    params: [...LABEL.params, { name: "grand_total", type: "any", required: false, default: 1.5 }],
    body: call("upper", field("$text"), field("$grand_total"), field("$text")),
  });
  await user.click(screen.getByRole("button", { name: "Save mapping" }));
  expect(saved.mock.calls[0]?.[0].rules[0]?.expr).toEqual(
    call("label", NUMBER, { op: "hole" }, field("trigger.grand_total")),
  );
});

const hasDefault = (body: Record<string, unknown>) =>
  JSON.stringify(body.function).includes('"default":1.5');
