/** What is typed between asking for a box and its being there: kept, and given to the box. */

export interface EarlyKeys {
  /** Ends the keeping; what was typed until now. */
  stop: () => string;
}

/** From now on letters go to nothing on the page; Escape gives the box up. */
export function keepEarlyKeys(onEscape: () => void): EarlyKeys {
  let text = "";
  const key = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") onEscape();
    else if (event.key === "Backspace") text = text.slice(0, -1);
    else if (event.key.length === 1) text += event.key;
    else if (event.key !== "Enter") return;
    event.preventDefault();
    event.stopPropagation();
  };
  window.addEventListener("keydown", key, true);
  return {
    stop: () => {
      window.removeEventListener("keydown", key, true);
      return text;
    },
  };
}
