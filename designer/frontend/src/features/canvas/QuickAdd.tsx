import { FocusTrap, Paper } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { useId } from "react";
import { createPortal } from "react-dom";
import { t } from "./en";
import type { Entry, EntryGroup } from "./entries";
import { PaletteList } from "./PaletteList";

const WIDTH = 292;
const HEIGHT = 380;
const MARGIN = 12;

interface QuickAddProps {
  /** Where on the screen it opens. */
  at: { x: number; y: number };
  groups: EntryGroup[];
  onPick: (entry: Entry) => void;
  onClose: () => void;
}

/** A small palette where the pointer is: for a wire pulled into empty space and for "+" on a wire. */
export function QuickAdd({ at, groups, onPick, onClose }: QuickAddProps) {
  const searchId = useId();
  const ref = useClickOutside<HTMLDivElement>(onClose);
  const left = Math.max(MARGIN, Math.min(at.x, window.innerWidth - WIDTH - MARGIN));
  const top = Math.max(MARGIN, Math.min(at.y, window.innerHeight - HEIGHT - MARGIN));
  return createPortal(
    <FocusTrap active>
      <Paper
        ref={ref}
        role="dialog"
        aria-label={t("palette.add")}
        shadow="lg"
        withBorder
        pos="fixed"
        w={WIDTH}
        h={HEIGHT}
        style={{ left, top, zIndex: 300, overflow: "hidden", background: "var(--cw-surface)" }}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose();
        }}
      >
        <PaletteList groups={groups} onPick={onPick} pickOnClick autoFocus searchId={searchId} />
      </Paper>
    </FocusTrap>,
    document.body,
  );
}
