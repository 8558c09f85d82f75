import { useEffect } from "react";

/** When this dialog goes, keys go to the mapper again, if what opened the dialog is gone too. */
export function useBackToMapper(): void {
  useEffect(
    () => () => {
      requestAnimationFrame(() => {
        if (document.activeElement !== document.body) return;
        document.querySelector<HTMLElement>("[data-mapper]")?.focus({ preventScroll: true });
      });
    },
    [],
  );
}
