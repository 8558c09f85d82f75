import { Kbd, UnstyledButton } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { t } from "./en";
import classes from "./search.module.css";

const SearchDialog = lazy(async () => ({
  default: (await import("./SearchDialog")).SearchDialog,
}));

const MAC = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

/** The box on top of every screen; Ctrl K or ⌘ K opens it from anywhere. */
export function SearchBox() {
  const [opened, setOpened] = useState(false);
  const [wanted, setWanted] = useState(false);
  const open = () => {
    // Another dialog may hold unsaved work: it is answered first.
    if (document.querySelector('[role="dialog"][aria-modal="true"]')) return;
    setWanted(true);
    setOpened(true);
  };
  useHotkeys([["mod+K", open]], []);
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
          <SearchDialog opened={opened} onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}
