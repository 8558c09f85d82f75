/**
 * Copied rules, for another place, mapping, flow or window. The system's clipboard carries them where
 * a page may use it; a page that was not opened over HTTPS may not, so the browser keeps a copy too.
 */

import { type Copied, readCopied } from "./reuse";

const KEY = "causeway.mapping.copied";
let here: string | null = null;

export function putCopied(copied: Copied): void {
  here = JSON.stringify(copied, null, 1);
  try {
    window.localStorage.setItem(KEY, here);
  } catch {
    // This window still has it.
  }
  void navigator.clipboard?.writeText(here).catch(() => undefined);
}

/** What was copied last, in whichever window. */
export async function takeCopied(): Promise<Copied | null> {
  const text = await Promise.resolve(navigator.clipboard?.readText?.()).catch(() => undefined);
  return readCopied(text ?? "") ?? readCopied(kept() ?? "");
}

function kept(): string | null {
  try {
    return window.localStorage.getItem(KEY) ?? here;
  } catch {
    return here;
  }
}
