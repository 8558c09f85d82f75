import { Fragment, type ReactNode } from "react";
import classes from "./Markdown.module.css";

/**
 * Text of a connector's page of help. Knows headings, paragraphs, lists, tables, code, bold,
 * emphasis and links; anything else stays text, so nothing in it can run.
 */
export function Markdown({ text, skipTitle }: { text: string; skipTitle?: boolean }) {
  const blocks = blocksOf(text).filter(
    (block, at) => !(skipTitle && at === 0 && block.kind === "heading" && block.level === 1),
  );
  return (
    <div className={classes.markdown}>
      {blocks.map((block, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks never move
        <Fragment key={at}>{drawn(block)}</Fragment>
      ))}
    </div>
  );
}

export type Block =
  | { kind: "heading"; level: number; text: string }
  | { kind: "paragraph"; text: string }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; items: string[] }
  | { kind: "table"; head: string[]; rows: string[][] };

const HEADING = /^(#{1,4}) +(.+)$/;
const ITEM = /^\s{0,3}(?:([-*])|(\d+)\.) +(.+)$/;
const RULE = /^\|?[\s:|-]+\|[\s:|-]*$/;

/** The blocks of a Markdown text. Pure. */
export function blocksOf(text: string): Block[] {
  const lines = text.replace(/\r/g, "").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const heading = HEADING.exec(line);
    if (line.trim() === "") {
      at += 1;
    } else if (line.startsWith("```")) {
      const end = lines.findIndex((other, index) => index > at && other.startsWith("```"));
      const last = end < 0 ? lines.length : end;
      blocks.push({ kind: "code", text: lines.slice(at + 1, last).join("\n") });
      at = last + 1;
    } else if (heading) {
      blocks.push({ kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" });
      at += 1;
    } else if (line.includes("|") && RULE.test(lines[at + 1] ?? "")) {
      const rows: string[][] = [];
      let next = at + 2;
      while ((lines[next] ?? "").includes("|")) {
        rows.push(cellsOf(lines[next] ?? ""));
        next += 1;
      }
      blocks.push({ kind: "table", head: cellsOf(line), rows });
      at = next;
    } else if (ITEM.test(line)) {
      const ordered = ITEM.exec(line)?.[2] !== undefined;
      const items: string[] = [];
      while (at < lines.length && (lines[at] ?? "").trim() !== "") {
        const item = ITEM.exec(lines[at] ?? "");
        if (item) items.push(item[3] ?? "");
        else items[items.length - 1] += ` ${(lines[at] ?? "").trim()}`;
        at += 1;
      }
      blocks.push({ kind: "list", ordered, items });
    } else {
      const found: string[] = [];
      while (at < lines.length && (lines[at] ?? "").trim() !== "" && !breaks(lines, at)) {
        found.push((lines[at] ?? "").trim());
        at += 1;
      }
      if (found.length === 0) at += 1;
      else blocks.push({ kind: "paragraph", text: found.join(" ") });
    }
  }
  return blocks;
}

function breaks(lines: string[], at: number): boolean {
  const line = lines[at] ?? "";
  return HEADING.test(line) || ITEM.test(line) || line.startsWith("```");
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());
}

function drawn(block: Block): ReactNode {
  switch (block.kind) {
    case "heading": {
      // The page has titles of its own; these come below them.
      const Tag = block.level <= 2 ? "h3" : "h4";
      return <Tag>{inline(block.text)}</Tag>;
    }
    case "code":
      return <pre>{block.text}</pre>;
    case "list": {
      const Tag = block.ordered ? "ol" : "ul";
      return (
        <Tag>
          {block.items.map((item) => (
            <li key={item}>{inline(item)}</li>
          ))}
        </Tag>
      );
    }
    case "table":
      return (
        <table>
          <thead>
            <tr>
              {block.head.map((cell) => (
                <th key={cell} scope="col">
                  {inline(cell)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {block.rows.map((row) => (
              <tr key={row.join("|")}>
                {row.map((cell, at) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells never move
                  <td key={at}>{inline(cell)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      );
    default:
      return <p>{inline(block.text)}</p>;
  }
}

const INLINE =
  /(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*|\[[^\]]+\]\(https:\/\/[^)\s]+\)|<https:\/\/[^>\s]+>)/;

function inline(text: string): ReactNode {
  return text.split(INLINE).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts never move
    <Fragment key={at}>{piece(part)}</Fragment>
  ));
}

function piece(part: string): ReactNode {
  if (!INLINE.test(part)) return part;
  if (part.startsWith("`")) return <code>{part.slice(1, -1)}</code>;
  if (part.startsWith("**")) return <b>{part.slice(2, -2)}</b>;
  if (part.startsWith("*")) return <em>{part.slice(1, -1)}</em>;
  const link = /^\[([^\]]+)\]\((https:\/\/[^)\s]+)\)$/.exec(part);
  const address = link?.[2] ?? part.slice(1, -1);
  return (
    <a href={address} target="_blank" rel="noopener noreferrer">
      {link?.[1] ?? address}
    </a>
  );
}
