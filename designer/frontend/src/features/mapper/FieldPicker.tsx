import { TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { VendorIcon } from "@/shared/ui";
import { wholeList } from "./drop";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { bestMatch } from "./finding";
import classes from "./Pickers.module.css";
import { parentPath } from "./paths";
import { isScalar } from "./schemaTree";
import { focusRow, revealRow, Tree } from "./Tree";
import treeCss from "./Tree.module.css";
import { TypeGlyph } from "./TypeGlyph";
import { matching, searchMatches, type TreeRow, visibleRows } from "./treeRows";
import { shortText, valueAt } from "./values";
import { useRowHeight } from "./zoom";

interface FieldPickerProps {
  value: string | undefined;
  onPick: (path: string) => void;
  /** What the list is called, and its search, where it is not of the sources. */
  words?: { list: string; search: string };
}

/** A searchable tree of everything that comes before; Enter or a click takes a field. */
export function FieldPicker({ value, onPick, words }: FieldPickerProps) {
  const said = words ?? { list: t("expr.pick"), search: t("source.search") };
  const env = useExprEnv();
  const [search, setSearch] = useState("");
  const wanted = useDeferredValue(search.trim());
  const [open, setOpen] = useState<ReadonlySet<string>>(() => startOpen(env.sources, value));
  const [active, setActive] = useState<string | null>(value ?? null);
  const [leaving, setLeaving] = useState<"walk" | "take" | null>(null);
  const [landing, setLanding] = useState<TreeRow | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const rowPx = useRowHeight();

  const only = useMemo(
    () => (wanted ? matching(env.nodes, searchMatches(wanted)) : null),
    [env.nodes, wanted],
  );
  const rows = useMemo(
    () => visibleRows(env.nodes, { expanded: open, only }),
    [env.nodes, open, only],
  );

  const toggle = (key: string, show: boolean) => {
    setOpen((before) => {
      const after = new Set(before);
      if (show) after.add(key);
      else after.delete(key);
      return after;
    });
  };
  const take = (row: TreeRow) => {
    const { field, key } = row.node;
    if (isScalar(field.type) || !row.node.expandable) onPick(wholeList(key));
    else toggle(key, !row.expanded);
  };

  // The list follows what is typed a moment later: a key waits for it, so that nobody
  // walks in rows that are about to go.
  const settled = wanted === search.trim();
  // biome-ignore lint/correctness/useExhaustiveDependencies: acts once for each key
  useEffect(() => {
    if (leaving === null || !settled) return;
    setLeaving(null);
    const row = bestMatch(rows, wanted);
    if (!row) return;
    // What is no single value is only gone to: whether all of it is meant is asked there.
    if (leaving === "take" && wanted && isScalar(row.node.field.type)) {
      take(row);
      return;
    }
    setActive(row.key);
    setLanding(row);
  }, [leaving, settled]);

  // Once the row is drawn, and before the next key.
  useLayoutEffect(() => {
    if (landing === null) return;
    revealRow(box.current, rows.indexOf(landing), rowPx);
    focusRow(box.current, landing.key);
    setLanding(null);
  }, [landing, rows, rowPx]);

  return (
    <div ref={box} className={classes.picker} aria-busy={!settled}>
      <TextInput
        aria-label={said.search}
        placeholder={said.search}
        size="xs"
        data-autofocus
        autoFocus
        leftSection={<IconSearch size={14} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" && event.key !== "Enter") return;
          event.preventDefault();
          setLeaving(event.key === "Enter" ? "take" : "walk");
        }}
      />
      <Tree
        label={said.list}
        idPrefix="pick"
        rows={rows}
        active={active}
        selected={value ?? null}
        onActive={setActive}
        onToggle={toggle}
        empty={t("source.empty")}
        onKey={(row, event) => {
          if (event.key !== "Enter" && event.key !== " ") return false;
          if (event.key === " " || event.shiftKey) onPick(wholeList(row.key));
          else take(row);
          return true;
        }}
      >
        {(row) => (
          // biome-ignore lint/a11y/noStaticElementInteractions: the tree item around it takes the keys
          // biome-ignore lint/a11y/useKeyWithClickEvents: the tree item around it takes the keys
          <div className={treeCss.rowBody} onClick={() => take(row)}>
            <span className={treeCss.chevron}>
              {row.node.expandable &&
                (row.expanded ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />)}
            </span>
            {row.node.kind === "root" ? (
              <VendorIcon icon={row.node.icon} name={row.node.field.title} size={18} />
            ) : (
              <TypeGlyph type={row.node.field.type} />
            )}
            <span className={treeCss.title}>{row.node.field.title}</span>
            <span className={treeCss.sample}>
              {isScalar(row.node.field.type) &&
                shortText(valueAt(env.context, row.key).value ?? undefined, 28)}
            </span>
            {!isScalar(row.node.field.type) && (
              <button
                type="button"
                tabIndex={-1}
                className={classes.useWhole}
                onClick={(event) => {
                  event.stopPropagation();
                  onPick(wholeList(row.key));
                }}
              >
                {t("expr.use_list")}
              </button>
            )}
          </div>
        )}
      </Tree>
    </div>
  );
}

function startOpen(sources: { path: string }[], value: string | undefined): Set<string> {
  const open = new Set(sources.slice(0, 1).map((s) => s.path));
  let at = value ?? "";
  while (at !== "") {
    at = parentPath(at);
    open.add(at);
    open.add(`${at}[]`);
  }
  return open;
}
