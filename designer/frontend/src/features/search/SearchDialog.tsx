import { Kbd, Loader, Modal, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import {
  IconActivity,
  IconArrowRight,
  IconArrowsExchange,
  IconBolt,
  IconPlugConnected,
  IconRoute,
  IconSearch,
  IconTable,
  type TablerIcon,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { Fragment, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { StatusBadge } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type Hit, moved } from "./model";
import classes from "./search.module.css";
import { useHits } from "./useHits";

const TYPING_PAUSE_MS = 150;

const ICONS: Record<Hit["group"], TablerIcon> = {
  runs: IconActivity,
  references: IconArrowsExchange,
  flows: IconRoute,
  connections: IconPlugConnected,
  tables: IconTable,
  screens: IconArrowRight,
  commands: IconBolt,
};

interface SearchDialogProps {
  opened: boolean;
  /** What was typed before the box was there; it is given once. */
  takeEarly: () => string;
  onClose: () => void;
}

/** One box for business keys, for what has a name, for screens and for commands. */
export function SearchDialog({ opened, takeEarly, onClose }: SearchDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      size={620}
      padding={0}
      yOffset="9vh"
      aria-label={t("search.title")}
    >
      {opened && <Search takeEarly={takeEarly} onClose={onClose} />}
    </Modal>
  );
}

function Search({ takeEarly, onClose }: Omit<SearchDialogProps, "opened">) {
  const { ws, env } = useWorkspace();
  const navigate = useNavigate();
  const list = useId();
  const [text, setText] = useState("");
  const typed = text.trim();
  const [asked] = useDebouncedValue(typed, TYPING_PAUSE_MS);
  const { hits, busy, problem } = useHits(typed, asked, true);
  const [position, setPosition] = useState(0);
  const [entered, setEntered] = useState(false);
  const chosen = Math.min(position, Math.max(0, hits.length - 1));
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const optionId = (index: number) => `${list}-${index}`;

  // At once, not when the dialog has come to rest: the first letters are typed by then.
  useEffect(() => {
    input.current?.focus();
    const early = takeEarly();
    if (early) setText((later) => early + later);
  }, [takeEarly]);
  useEffect(() => {
    const option = box.current?.querySelector('[aria-selected="true"]');
    if (option && "scrollIntoView" in option) option.scrollIntoView?.({ block: "nearest" });
  });

  const go = (hit: Hit) => {
    onClose();
    if (hit.act) hit.act();
    else void navigate({ to: `/w/${ws}${hit.path}`, search: { env, ...hit.search } } as never);
  };
  // Enter pressed before anything is found goes to the first that is.
  const [first] = hits;
  // biome-ignore lint/correctness/useExhaustiveDependencies: acts once for each Enter
  useEffect(() => {
    if (!entered || busy) return;
    setEntered(false);
    if (first) go(first);
  }, [entered, busy]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setPosition(moved(chosen, step, hits.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      const hit = hits[chosen];
      if (hit) go(hit);
      else setEntered(busy);
    }
  };

  return (
    <>
      <TextInput
        ref={input}
        data-autofocus
        size="md"
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={hits.length > 0 ? optionId(chosen) : undefined}
        aria-label={t("search.label")}
        placeholder={t("search.placeholder")}
        leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
        rightSection={busy && typed ? <Loader size={16} aria-label={t("search.busy")} /> : null}
        classNames={{ input: classes.input }}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPosition(0);
          setEntered(false);
        }}
        onKeyDown={onKeyDown}
      />
      <div className={classes.frame} ref={box}>
        <div
          role="listbox"
          id={list}
          aria-label={t("search.results")}
          className={hits.length > 0 ? classes.results : undefined}
        >
          {hits.map((hit, index) => (
            <Fragment key={hit.id}>
              {hit.group !== hits[index - 1]?.group && (
                <div className={classes.group} role="presentation">
                  {t(`group.${hit.group}`)}
                </div>
              )}
              <Option
                id={optionId(index)}
                hit={hit}
                chosen={index === chosen}
                onPoint={() => setPosition(index)}
                onChoose={() => go(hit)}
              />
            </Fragment>
          ))}
        </div>
        {problem && (
          <Text size="sm" c="var(--cw-red)" p="sm">
            {t("search.failed", { message: problem.message })}
          </Text>
        )}
        {typed && hits.length === 0 && !busy && (
          <div className={classes.nothing}>
            <Text fw={560}>{t("search.none", { text: typed })}</Text>
            <Text size="sm" c="dimmed">
              {t("search.none.hint")}
            </Text>
          </div>
        )}
      </div>
      <div className={classes.foot}>
        <Kbd size="xs">↑</Kbd>
        <Kbd size="xs">↓</Kbd>
        <span>{t("search.keys.choose")}</span>
        <Kbd size="xs">Enter</Kbd>
        <span>{t("search.keys.open")}</span>
        <Kbd size="xs">Esc</Kbd>
        <span>{t("search.keys.close")}</span>
        <span className="cw-visually-hidden" role="status">
          {typed && !busy ? t("search.count", { count: hits.length }) : ""}
        </span>
      </div>
    </>
  );
}

interface OptionProps {
  id: string;
  hit: Hit;
  chosen: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

function Option({ id, hit, chosen, onPoint, onChoose }: OptionProps) {
  const Icon = ICONS[hit.group];
  return (
    // The box above has the focus and the keys; the mouse may choose here as well.
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the combobox's
    // biome-ignore lint/a11y/useFocusableInteractive: the combobox points at it
    <div
      id={id}
      role="option"
      aria-selected={chosen}
      className={classes.option}
      onMouseMove={chosen ? undefined : onPoint}
      onClick={onChoose}
    >
      <Icon size={17} stroke={1.7} aria-hidden className={classes.icon} />
      <span className={classes.title}>{hit.title}</span>
      {hit.detail && <span className={classes.detail}>{hit.detail}</span>}
      {hit.status && (
        <span className={classes.status}>
          <StatusBadge status={hit.status} size="sm" />
        </span>
      )}
    </div>
  );
}
