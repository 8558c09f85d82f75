export { LiveIndicator } from "./LiveIndicator";
export { isFinished, type RunFilter } from "./model";
export { useDeadLetterCount } from "./useDeadLetterCount";
export { useLiveState } from "./useLiveState";
export { useNews } from "./useNews";
export { heldRunKey, type RunLive, useRunLive } from "./useRunLive";
export { runListKey, useRunsLive } from "./useRunsLive";
