export { PauseBanner, PauseNotice } from "./PauseBanner";
export { PauseDialog } from "./PauseDialog";
export { PauseMenuItem } from "./PauseMenuItem";
export { pausesQuery } from "./queries";
export { usePause, useResume } from "./usePausing";
