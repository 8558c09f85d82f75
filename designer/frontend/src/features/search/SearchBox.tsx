import { Kbd, UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { type EarlyKeys, keepEarlyKeys } from "./earlyKeys";
import { t } from "./en";
import classes from "./search.module.css";

const load = async () => ({ default: (await import("./SearchDialog")).SearchDialog });
const SearchDialog = lazy(load);
/** The dialog is fetched once the screen rests, so that it opens at once. */
const REST_MS = 1_500;

const MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/** The box on top of every screen; Ctrl K or ⌘ K opens it from anywhere. */
export function SearchBox() {
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useState(false);
  const early = useRef<EarlyKeys | null>(null);
  const takeEarly = useCallback(() => {
    const text = early.current?.stop() ?? "";
    early.current = null;
    return text;
  }, []);
  const close = () => {
    takeEarly();
    setOpened(false);
  };
  useEffect(() => () => void takeEarly(), [takeEarly]);
  const open = () => {
    // Another dialog may hold unsaved work: it is answered first.
    if (document.querySelector('[role="dialog"][aria-modal="true"]')) return;
    // Nobody waits for a box to type into it: until it is drawn, letters are kept for it.
    early.current ??= keepEarlyKeys(close);
    setWanted(true);
    setOpened(true);
  };
  useHotkeys([["mod+K", open]], []);
  useEffect(() => {
    const timer = window.setTimeout(() => void load().catch(() => undefined), REST_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <>
      <UnstyledButton
        className={classes.box}
        onClick={open}
        aria-label={t("search.open.long")}
        aria-keyshortcuts="Control+K Meta+K"
        aria-haspopup="dialog"
      >
        <IconSearch size={16} stroke={1.7} aria-hidden />
        <span className={classes.boxWord} aria-hidden>
          {t("search.open")}
        </span>
        <Kbd size="xs" className={classes.boxKey} aria-hidden>
          {MAC ? "⌘ K" : "Ctrl K"}
        </Kbd>
      </UnstyledButton>
      {wanted && (
        <Suspense fallback={null}>
          <SearchDialog opened={opened} takeEarly={takeEarly} onClose={close} />
        </Suspense>
      )}
    </>
  );
}
