import { MantineProvider } from "@mantine/core";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { Entry, EntryGroup } from "./entries";
import { PaletteList } from "./PaletteList";

beforeEach(() => localStorage.clear());

const KINDS = ["Invoice", "Customer", "All kinds of records", "Bill"];

function entry(title: string, kind: string): Entry {
  return {
    key: title,
    title,
    label: `${title} (Books)`,
    description: "",
    icon: "action",
    iconName: "Books",
    kind,
    shape: "action",
    ports: { in: ["in"], out: ["out"] },
    node: { type: "action", name: title, config: {} },
  } as unknown as Entry;
}

const MANY: EntryGroup = {
  key: "connector:books",
  title: "Books",
  entries: KINDS.flatMap((kind) =>
    ["Create", "Read", "Change", "List"].map((verb) =>
      entry(`${verb} ${kind.toLowerCase()}`, kind),
    ),
  ),
};
const FEW: EntryGroup = { key: "control", title: "Control", entries: [entry("If", "")] };

function show(onPick = vi.fn()) {
  const { unmount } = render(
    <MantineProvider>
      <PaletteList groups={[FEW, MANY]} onPick={onPick} pickOnClick searchId="search" />
    </MantineProvider>,
  );
  return { onPick, unmount, books: within(screen.getByRole("region", { name: "Books" })) };
}

test("a vendor with many steps is folded by kind of record, in order", () => {
  const { books } = show();
  const kinds = books.getAllByRole("button").slice(1);
  expect(kinds.map((kind) => kind.textContent)).toEqual([
    "All kinds of records4",
    "Bill4",
    "Customer4",
    "Invoice4",
  ]);
  expect(screen.getByRole("button", { name: "If (Books)" })).toBeVisible();
  expect(books.queryByRole("button", { name: "Create bill (Books)" })).toBeNull();
});

test("what a person opened is open the next time", async () => {
  const user = userEvent.setup();
  const { books, unmount } = show();
  await user.click(books.getByRole("button", { name: "Bill (Books), steps: 4" }));
  expect(books.getByRole("button", { name: "Create bill (Books)" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Control, steps: 1" }));
  unmount();
  const again = show();
  expect(again.books.getByRole("button", { name: "Create bill (Books)" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "If (Books)" })).toBeNull();
});

test("a search looks into what is folded and forgets nothing", async () => {
  const user = userEvent.setup();
  const { books, onPick } = show();
  await user.type(screen.getByRole("textbox", { name: "Search steps" }), "create invoice");
  await user.click(books.getByRole("button", { name: "Create invoice (Books)" }));
  expect(onPick).toHaveBeenCalledOnce();
  await user.clear(screen.getByRole("textbox", { name: "Search steps" }));
  expect(books.queryByRole("button", { name: "Create invoice (Books)" })).toBeNull();
});

test("the arrow keys walk over kinds, open them and close them", async () => {
  const user = userEvent.setup();
  const { books } = show();
  await user.click(screen.getByRole("textbox", { name: "Search steps" }));
  await user.tab();
  expect(screen.getByRole("button", { name: "Control, steps: 1" })).toHaveFocus();
  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}");
  const bill = books.getByRole("button", { name: "Bill (Books), steps: 4" });
  expect(bill).toHaveFocus();
  await user.keyboard("{ArrowRight}{ArrowDown}");
  expect(books.getByRole("button", { name: "Create bill (Books)" })).toHaveFocus();
  await user.keyboard("{ArrowUp}{ArrowLeft}");
  expect(books.queryByRole("button", { name: "Create bill (Books)" })).toBeNull();
});
