export { BackfillDialog } from "./BackfillDialog";
export { FireTimes } from "./FireTimes";
export { HookPanel } from "./HookPanel";
export { LiteralForm } from "./LiteralForm";
export { MissedBanner } from "./MissedBanner";
export { schedulePreviewQuery, triggerQuery } from "./queries";
export { StartDialog } from "./StartDialog";
export { TriggerPanel } from "./TriggerPanel";
