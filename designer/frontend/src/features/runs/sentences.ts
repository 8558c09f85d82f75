/** Texts of other systems as one line of sentences: each ends with a mark, empty ones are left out. */
export function sentences(...texts: (string | null | undefined)[]): string {
  return texts
    .map((text) => text?.trim() ?? "")
    .filter((text) => text !== "")
    .map((text) => (/[.!?…:]["”’)]?$/.test(text) ? text : `${text}.`))
    .join(" ");
}
