import { useEffect, useRef } from "react";

/** Where a page of a dialog begins: its first field gets the keyboard when the page is turned. */
export function useBeginning() {
  const page = useRef<HTMLDivElement>(null);
  useEffect(() => {
    page.current?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
  }, []);
  return page;
}
