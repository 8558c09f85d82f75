import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import { ConditionBuilder, ExpressionField } from "./ExpressionField";
import { FUNCTIONS, ORDER } from "./samples.testing";
import { ORDERS, show } from "./testing";
import type { Expr, JsonSchema } from "./types";

const SOURCES = [{ path: "trigger", title: "Order placed", schema: ORDER }];
const CONTEXT = { trigger: ORDERS[0]?.document ?? null };

function Held({
  start,
  schema,
  onValue,
}: {
  start?: Expr;
  schema?: JsonSchema;
  onValue: (e: Expr | undefined) => void;
}) {
  const [value, setValue] = useState<Expr | undefined>(start);
  return (
    <ExpressionField
      label="Amount"
      value={value}
      schema={schema}
      sources={SOURCES}
      context={CONTEXT}
      functions={FUNCTIONS}
      onChange={(next) => {
        setValue(next);
        onValue(next);
      }}
    />
  );
}

describe("the expression field", () => {
  it("takes a typed amount as text, digit for digit", async () => {
    let last: Expr | undefined;
    show(<Held schema={{ type: "number" }} onValue={(e) => (last = e)} />);
    await userEvent.type(screen.getByRole("textbox", { name: "Amount" }), "12.50");
    expect(last).toEqual({ op: "const", value: "12.50" });
  });

  it("picks a field from the tree and shows what it holds now", async () => {
    let last: Expr | undefined;
    const user = userEvent.setup();
    show(<Held onValue={(e) => (last = e)} />);
    await user.click(screen.getByRole("button", { name: "How Amount is filled" }));
    await user.click(await screen.findByRole("menuitem", { name: "Field" }));
    await user.type(await screen.findByRole("textbox", { name: "Search sources" }), "e-mail");
    await user.keyboard("{Enter}");
    expect(last).toEqual({ op: "field", path: "trigger.customer_email" });
    expect(await screen.findByText("Now: ana@example.test")).toBeInTheDocument();
  });

  it("says a function in words", () => {
    const start: Expr = {
      op: "call",
      fn: "round",
      args: [{ op: "field", path: "trigger.shipping_amount" }],
    };
    show(<Held start={start} onValue={() => {}} />);
    expect(screen.getByRole("button", { name: "Edit Amount" })).toHaveTextContent(
      "Round(Shipping)",
    );
  });
});

describe("conditions", () => {
  it("become one expression of the functions that run", async () => {
    let last: Expr | undefined;
    const user = userEvent.setup();
    function Page() {
      const [value, setValue] = useState<Expr | undefined>({
        op: "call",
        fn: "eq",
        args: [
          { op: "field", path: "trigger.shipping_amount" },
          { op: "const", value: "" },
        ],
      });
      return (
        <ConditionBuilder
          label="Only if"
          sources={SOURCES}
          context={CONTEXT}
          functions={FUNCTIONS}
          value={value}
          onChange={(next) => {
            setValue(next);
            last = next;
          }}
        />
      );
    }
    show(<Page />);
    await user.selectOptions(screen.getByRole("combobox", { name: "Operator 1" }), "gt");
    await user.type(
      screen.getByRole("textbox", { name: "Fixed value: Compare with 1" }),
      "0{Enter}",
    );
    expect(last).toEqual({
      op: "call",
      fn: "gt",
      args: [
        { op: "field", path: "trigger.shipping_amount" },
        { op: "const", value: "0" },
      ],
    });
    await user.click(screen.getByRole("button", { name: "Add condition" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Match" }), "or");
    expect(last).toMatchObject({ op: "call", fn: "or" });
    await user.selectOptions(screen.getByRole("combobox", { name: "Operator 1" }), "is_filled");
    expect(last).toMatchObject({
      args: [{ op: "call", fn: "not", args: [{ op: "call", fn: "is_empty" }] }, {}],
    });
  });
});
