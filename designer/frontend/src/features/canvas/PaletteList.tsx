import { Skeleton, Text, TextInput } from "@mantine/core";
import { IconChevronRight, IconSearch } from "@tabler/icons-react";
import {
  type DragEvent,
  type KeyboardEvent,
  type ReactNode,
  useMemo,
  useRef,
  useState,
} from "react";
import { VendorIcon } from "@/shared/ui/VendorIcon";
import { t } from "./en";
import { type Entry, type EntryGroup, kindsOf, searchEntries } from "./entries";
import { useFolding } from "./folding";
import classes from "./PaletteList.module.css";

export const DRAG_TYPE = "application/x-causeway-step";

interface PaletteListProps {
  groups: EntryGroup[];
  onPick: (entry: Entry) => void;
  /** A single click picks; otherwise a click only focuses, Enter or a double click picks. */
  pickOnClick?: boolean;
  autoFocus?: boolean;
  searchId?: string;
  disabled?: boolean;
  /** The steps are still on their way; the search takes what is typed meanwhile. */
  loading?: boolean;
}

/**
 * The steps that can be added, by group, with search. Arrow keys walk through them. What a vendor
 * with many steps can do is folded by kind of record; a search looks into everything.
 */
export function PaletteList(props: PaletteListProps) {
  const { groups, onPick, pickOnClick, disabled } = props;
  const [query, setQuery] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => searchEntries(groups, query), [groups, query]);
  const folding = useFolding();
  const searching = query.trim() !== "";
  // Hundreds of steps are one stop of the Tab key; arrow keys walk among them.
  const [visited, setVisited] = useState<string | null>(null);
  const parts = useMemo(() => found.map((group) => ({ group, kinds: kindsOf(group) })), [found]);
  const opened = (key: string, atFirst: boolean) => searching || folding.open(key, atFirst);
  const keys = parts.flatMap(({ group, kinds }) => {
    const own = searching ? [] : [group.key];
    if (!opened(group.key, true)) return own;
    if (!kinds) return [...own, ...group.entries.map((entry) => entry.key)];
    const inside = kinds.flatMap((kind) => {
      const key = kindKey(group, kind.title);
      const rows = opened(key, false) ? kind.entries.map((entry) => entry.key) : [];
      return searching ? rows : [key, ...rows];
    });
    return [...own, ...inside];
  });
  const stop = visited !== null && keys.includes(visited) ? visited : keys[0];

  const walk = (event: KeyboardEvent) => {
    const active = document.activeElement as HTMLElement | null;
    const expanded = active?.getAttribute("aria-expanded");
    if (expanded && event.key === (expanded === "true" ? "ArrowLeft" : "ArrowRight")) {
      event.preventDefault();
      active?.click();
      return;
    }
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const index = buttons.indexOf(active as HTMLElement);
    const next = buttons[index + step];
    event.preventDefault();
    if (next) next.focus();
    else if (step < 0) document.getElementById(props.searchId ?? "")?.focus();
  };

  const drag = (event: DragEvent, entry: Entry) => {
    event.dataTransfer.setData(DRAG_TYPE, entry.key);
    event.dataTransfer.effectAllowed = "copy";
  };

  const step = (group: EntryGroup, entry: Entry) => (
    <button
      key={entry.key}
      type="button"
      className={classes.entry}
      data-shape={entry.shape}
      aria-label={entry.label}
      title={entry.description || entry.label}
      disabled={disabled}
      tabIndex={entry.key === stop ? 0 : -1}
      onFocus={() => setVisited(entry.key)}
      draggable={!pickOnClick && !disabled}
      onDragStart={(event) => drag(event, entry)}
      onClick={(event) => {
        // A click made by Enter or Space has no pointer detail.
        if (pickOnClick || event.detail === 0) onPick(entry);
      }}
      onDoubleClick={() => {
        if (!pickOnClick) onPick(entry);
      }}
    >
      <VendorIcon icon={entry.icon} name={entry.iconName} size={26} />
      <span className={classes.entryTitle}>{entry.title}</span>
      {entry.shape === "trigger" && group.icon && (
        <span className={classes.tag}>{t("palette.trigger")}</span>
      )}
    </button>
  );

  const fold = (key: string, label: string, open: boolean, content: ReactNode) =>
    searching ? (
      content
    ) : (
      <button
        type="button"
        className={classes.fold}
        aria-expanded={open}
        aria-label={label}
        tabIndex={key === stop ? 0 : -1}
        onFocus={() => setVisited(key)}
        onClick={() => folding.turn(key)}
      >
        <IconChevronRight size={13} className={classes.chevron} aria-hidden />
        {content}
      </button>
    );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: passes arrow keys between its own buttons
    <div className={classes.palette} onKeyDown={walk}>
      <div className={classes.search}>
        <TextInput
          id={props.searchId}
          aria-label={t("palette.search")}
          placeholder={t("palette.searchHint")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={query}
          data-autofocus={props.autoFocus || undefined}
          onChange={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={(event) => {
            const first = found[0]?.entries[0];
            if (event.key === "Enter" && query && first && !disabled) onPick(first);
          }}
        />
      </div>
      <div className={classes.scroll} ref={list}>
        {props.loading && (
          <div style={{ padding: 12 }} aria-busy="true">
            <Skeleton height={22} mb={10} />
            <Skeleton height={22} mb={10} />
            <Skeleton height={22} />
          </div>
        )}
        {!props.loading && found.length === 0 && query && (
          <Text size="sm" c="dimmed" p="sm">
            {t("palette.none", { query })}
          </Text>
        )}
        {parts.map(({ group, kinds }) => {
          const open = opened(group.key, true);
          const label = t("palette.group", { title: group.title, count: group.entries.length });
          return (
            <section key={group.key} aria-label={group.title} className={classes.group}>
              <h3 className={classes.title}>{fold(group.key, label, open, group.title)}</h3>
              {open && !kinds && group.entries.map((entry) => step(group, entry))}
              {open &&
                kinds?.map((kind) => {
                  const key = kindKey(group, kind.title);
                  const shown = opened(key, false);
                  const count = kind.entries.length;
                  const names = { kind: kind.title, vendor: group.title, count };
                  return (
                    <div key={key} className={classes.kind}>
                      <h4 className={classes.kindTitle}>
                        {fold(
                          key,
                          t("palette.kind", names),
                          shown,
                          <>
                            <span className={classes.kindName}>{kind.title}</span>
                            {!searching && <span className={classes.count}>{count}</span>}
                          </>,
                        )}
                      </h4>
                      {shown && kind.entries.map((entry) => step(group, entry))}
                    </div>
                  );
                })}
            </section>
          );
        })}
      </div>
    </div>
  );
}

function kindKey(group: EntryGroup, kind: string): string {
  return `${group.key}/${kind}`;
}
