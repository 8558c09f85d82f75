import { notifications } from "@mantine/notifications";
import { type RefObject, useEffect, useRef } from "react";
import type { FlowDocument } from "@/api/types";
import type { Selection } from "./DesignerContext";
import { copyOf, paste, readFragment } from "./document";
import { t } from "./en";

interface ShortcutActions {
  readOnly: boolean;
  latest: RefObject<{ document: FlowDocument; selection: Selection }>;
  change: (make: (document: FlowDocument) => FlowDocument) => void;
  select: (nodes: Iterable<string>, edges?: Iterable<string>) => void;
  removeSelection: () => void;
  duplicateSelection: () => void;
  undo: () => void;
  redo: () => void;
  save: () => void;
  layout: () => void;
  fit: () => void;
  search: () => void;
}

/** Places where keys and the clipboard belong to what is typed there. */
function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return Boolean(
    element?.closest?.(
      "input, textarea, select, [contenteditable=true], [role=dialog], [role=menu], [role=listbox]",
    ),
  );
}

/** Keys belong to an open dialog, also when the focus has fallen out of it. */
function isDialogOpen(): boolean {
  return window.document.querySelector("[role=dialog][aria-modal=true]") !== null;
}

function hasTextSelected(): boolean {
  return (window.getSelection()?.toString().length ?? 0) > 0;
}

/** Keys and clipboard of the designer, wherever on the page the focus is. */
export function useShortcuts(actions: ShortcutActions): void {
  const held = useRef(actions);
  held.current = actions;

  useEffect(() => {
    // Noted before anybody acts on the key: Escape closes the dialog, and is then spent.
    let inDialog = false;
    const note = () => {
      inDialog = isDialogOpen();
    };
    const key = (event: KeyboardEvent) => {
      const act = held.current;
      const command = event.ctrlKey || event.metaKey;
      const name = event.key.toLowerCase();
      if (command && name === "s") {
        event.preventDefault();
        if (!act.readOnly) act.save();
        return;
      }
      if (isTyping(event.target) || inDialog) return;
      const run = (what: () => void) => {
        event.preventDefault();
        what();
      };
      if (command) {
        if (name === "a") {
          const { document } = act.latest.current;
          run(() => act.select(document.nodes.map((node) => node.id)));
        } else if (act.readOnly) return;
        else if (name === "z") run(event.shiftKey ? act.redo : act.undo);
        else if (name === "y") run(act.redo);
        else if (name === "d") run(act.duplicateSelection);
        return;
      }
      if (event.altKey) return;
      if (name === "f") run(act.fit);
      else if (name === "escape") act.select([]);
      else if (act.readOnly) return;
      else if (name === "delete" || name === "backspace") run(act.removeSelection);
      else if (name === "/") run(act.search);
      else if (name === "l") run(act.layout);
    };

    const copied = (event: ClipboardEvent, cut: boolean) => {
      const act = held.current;
      const { document, selection } = act.latest.current;
      if (isTyping(event.target) || isDialogOpen()) return;
      if (hasTextSelected() || selection.nodes.size === 0) return;
      const fragment = copyOf(document, selection.nodes);
      event.clipboardData?.setData("text/plain", JSON.stringify(fragment, null, 2));
      event.preventDefault();
      if (cut && !act.readOnly) act.removeSelection();
      else {
        notifications.show({
          message: t("canvas.copied", { count: fragment.nodes.length }),
          autoClose: 2000,
        });
      }
    };
    const copy = (event: ClipboardEvent) => copied(event, false);
    const cut = (event: ClipboardEvent) => copied(event, true);
    const pasted = (event: ClipboardEvent) => {
      const act = held.current;
      if (act.readOnly || isTyping(event.target) || isDialogOpen()) return;
      const fragment = readFragment(event.clipboardData?.getData("text/plain") ?? "");
      if (!fragment) return;
      event.preventDefault();
      const made = paste(act.latest.current.document, fragment, { x: 48, y: 64 });
      act.change(() => made.document);
      act.select(made.ids);
      notifications.show({
        message: t("canvas.pasted", { count: made.ids.length }),
        autoClose: 2000,
      });
    };

    window.addEventListener("keydown", note, true);
    window.addEventListener("keydown", key);
    window.addEventListener("copy", copy);
    window.addEventListener("cut", cut);
    window.addEventListener("paste", pasted);
    return () => {
      window.removeEventListener("keydown", note, true);
      window.removeEventListener("keydown", key);
      window.removeEventListener("copy", copy);
      window.removeEventListener("cut", cut);
      window.removeEventListener("paste", pasted);
    };
  }, []);
}
