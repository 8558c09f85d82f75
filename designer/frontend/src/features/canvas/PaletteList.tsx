import { Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type DragEvent, type KeyboardEvent, useMemo, useRef, useState } from "react";
import { VendorIcon } from "@/shared/ui/VendorIcon";
import { t } from "./en";
import { type Entry, type EntryGroup, searchEntries } from "./entries";
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
}

/** The steps that can be added, by group, with search. Arrow keys walk through them. */
export function PaletteList(props: PaletteListProps) {
  const { groups, onPick, pickOnClick, disabled } = props;
  const [query, setQuery] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(() => searchEntries(groups, query), [groups, query]);
  // Hundreds of steps are one stop of the Tab key; arrow keys walk among them.
  const [visited, setVisited] = useState<string | null>(null);
  const keys = found.flatMap((group) => group.entries.map((entry) => entry.key));
  const stop = visited !== null && keys.includes(visited) ? visited : keys[0];

  const walk = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (!step) return;
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const index = buttons.indexOf(document.activeElement as HTMLElement);
    const next = buttons[index + step];
    event.preventDefault();
    if (next) next.focus();
    else if (step < 0) document.getElementById(props.searchId ?? "")?.focus();
  };

  const drag = (event: DragEvent, entry: Entry) => {
    event.dataTransfer.setData(DRAG_TYPE, entry.key);
    event.dataTransfer.effectAllowed = "copy";
  };

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
        {found.length === 0 && query && (
          <Text size="sm" c="dimmed" p="sm">
            {t("palette.none", { query })}
          </Text>
        )}
        {found.map((group) => (
          <section key={group.key} aria-label={group.title} className={classes.group}>
            <h3 className={classes.title}>{group.title}</h3>
            {group.entries.map((entry) => (
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
            ))}
          </section>
        ))}
      </div>
    </div>
  );
}
