/**
 * Whether the log-in still holds.
 *
 * A log-in that ends while someone works must not take the page away: what was typed stays, a
 * screen that listens asks for a new log-in, and whoever waited to save tries again afterwards.
 */

type Listener = () => void;

const ended = new Set<Listener>();
const returned = new Set<Listener>();

function listen(listeners: Set<Listener>, listener: Listener): Listener {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export const onLogInEnded = (listener: Listener) => listen(ended, listener);
export const onLogInReturned = (listener: Listener) => listen(returned, listener);

/** Address of the log-in page that leads back to where the person is. */
export function logInAddress(): string {
  const next = window.location.pathname + window.location.search;
  return `/login?next=${encodeURIComponent(next)}`;
}

/** The server knows nobody any more: tell the screen, or go to log in where none is up yet. */
export function logInEnded(): void {
  if (ended.size === 0) window.location.assign(logInAddress());
  for (const listener of [...ended]) listener();
}

/** The same person is logged in again. */
export function logInReturned(): void {
  for (const listener of [...returned]) listener();
}
