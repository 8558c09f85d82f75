/** What an entry of the audit log says, in words. Pure. */

import type { Json } from "@/api/types";
import { NOUNS, VERBS } from "./audit.en";

/** "flow.publish" as "Flow published"; what has no words stays readable. */
export function actionWords(action: string): string {
  const dot = action.indexOf(".");
  const noun = dot < 0 ? action : action.slice(0, dot);
  const verb = dot < 0 ? "" : action.slice(dot + 1);
  const first = NOUNS[noun] ?? plain(noun);
  return [first.charAt(0).toUpperCase() + first.slice(1), VERBS[verb] ?? plain(verb)]
    .filter(Boolean)
    .join(" ");
}

/** The screen of what was acted on, where its id tells which. */
export function placeOf(object: string): string | null {
  const id = idOf(object);
  const [kind] = id.split("_");
  const screens: Record<string, string> = {
    fl: "flows",
    run: "runs",
    dl: "errors",
    con: "connections",
    lut: "lookups",
  };
  const screen = screens[kind ?? ""];
  return screen && id.includes("_") ? `/${screen}/${id}` : null;
}

/** "connection:con_1" names its kind before the id; others are the id alone. */
export function idOf(object: string): string {
  return object.slice(object.indexOf(":") + 1);
}

/** Details as one line, "name: Orders, environment: test". */
export function detailWords(details: Record<string, Json>): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== "")
    .map(
      ([name, value]) =>
        `${plain(name)}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    )
    .join(", ");
}

function plain(name: string): string {
  return name.replaceAll("_", " ");
}
