import { useSyncExternalStore } from "react";
import { type LiveState, liveSocket } from "./socket";

/** Whether news arrive at once. Null environment: nothing is followed yet. */
export function useLiveState(workspace: string, environment: string | null): LiveState {
  return useSyncExternalStore(
    (changed) =>
      environment === null ? () => undefined : liveSocket(workspace, environment).onState(changed),
    () => (environment === null ? "connecting" : liveSocket(workspace, environment).state),
  );
}
