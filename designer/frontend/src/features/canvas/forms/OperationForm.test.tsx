import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { type Designer, DesignerProvider } from "../DesignerContext";
import { FormProvider } from "./FormContext";
import { OperationForm } from "./OperationForm";

vi.mock("./ConnectionPicker", () => ({ ConnectionPicker: () => null }));
afterEach(() => vi.unstubAllGlobals());

const ROW_CHANGED = {
  name: "row_changed",
  title: "New or changed row",
  kind: "trigger",
  delivery: ["poll"],
  input_schema: {
    type: "object",
    required: ["table"],
    properties: { table: { type: "string", title: "Table or view" } },
  },
};

function form(type: string, config: object, set: (part: object) => void) {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify(ROW_CHANGED)));
  const connector = { slug: "sql", name: "SQL", operations: [ROW_CHANGED] };
  const node = { id: "look", type, name: "Ask", config: { connector: "sql", ...config } };
  const palette = { connectors: [connector], groups: [] };
  const surroundings = { palette, connections: [], flows: [] };
  const designer = { ws: "w", env: "test", palette, surroundings } as unknown as Designer;
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <DesignerProvider value={designer}>
          <FormProvider value={{ node, set, sources: [], readOnly: false } as never}>
            <OperationForm />
          </FormProvider>
        </DesignerProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("a poll is told what to look at", async () => {
  const set = vi.fn();
  form("trigger.poll", { operation: "row_changed" }, set);
  await userEvent.type(await screen.findByRole("textbox", { name: /Table or view/ }), "o");
  expect(set).toHaveBeenLastCalledWith({ inputs: { table: "o" } }, "look.inputs");
});

test("what comes by itself needs nothing to look at", async () => {
  form("trigger.event", { operation: "row_changed" }, vi.fn());
  expect(await screen.findByDisplayValue("New or changed row")).toBeInTheDocument();
  expect(screen.queryByRole("textbox", { name: /Table or view/ })).toBeNull();
});
