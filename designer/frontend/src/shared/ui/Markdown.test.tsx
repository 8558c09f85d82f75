import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { blocksOf, Markdown } from "./Markdown";

it("knows headings, lists that go over lines, tables and code", () => {
  const text =
    "# A\n\nOne\ntwo.\n\n1. first\n   goes on\n2. second\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx = 1\n```";
  expect(blocksOf(text)).toEqual([
    { kind: "heading", level: 1, text: "A" },
    { kind: "paragraph", text: "One two." },
    { kind: "list", ordered: true, items: ["first goes on", "second"] },
    { kind: "table", head: ["a", "b"], rows: [["1", "2"]] },
    { kind: "code", text: "x = 1" },
  ]);
});

it("leads only to https addresses and runs nothing", () => {
  render(
    <Markdown
      text={"[good](https://a.example) [bad](javascript:alert) <img src=x onerror=alert(1)>"}
    />,
  );
  expect(screen.getByRole("link", { name: "good" })).toHaveAttribute("href", "https://a.example");
  expect(screen.getAllByRole("link")).toHaveLength(1);
  expect(document.querySelector("img")).toBeNull();
});
