import { describe, expect, it, vi } from "vitest";
import { logInEnded, logInReturned, onLogInEnded, onLogInReturned } from "./session";

describe("a log-in that ends", () => {
  it("is told to the screen that listens, until it stops", () => {
    const screen = vi.fn();
    const other = vi.fn();
    const stop = onLogInEnded(screen);
    onLogInEnded(other);
    logInEnded();
    stop();
    logInEnded();
    expect(screen).toHaveBeenCalledTimes(1);
    expect(other).toHaveBeenCalledTimes(2);
  });

  it("lets those who wait go on once it is back", () => {
    const save = vi.fn();
    const stop = onLogInReturned(save);
    logInReturned();
    stop();
    logInReturned();
    expect(save).toHaveBeenCalledTimes(1);
  });
});
