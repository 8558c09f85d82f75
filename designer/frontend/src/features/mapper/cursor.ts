/** Where the keyboard goes on when a rule is opened to be filled in. */

const PLACES = [
  "[data-hole]",
  'input:not([type="checkbox"], [type="hidden"]), select, textarea',
  "button",
];
const LOOKS = 30;

/**
 * Puts the cursor into the first place of the details that is still to be filled, or else into the
 * first field. What is to be filled may be drawn some frames later.
 */
export function putCursor(looks = LOOKS): void {
  const details = document.querySelector('[data-part="details"]');
  const value = details?.querySelector('[data-part="value"]');
  for (const place of value ? PLACES : []) {
    const found = value?.querySelector<HTMLElement>(place);
    if (!found) continue;
    found.focus();
    if (found instanceof HTMLInputElement) found.select();
    return;
  }
  if (looks > 0) setTimeout(() => putCursor(looks - 1), 16);
}
