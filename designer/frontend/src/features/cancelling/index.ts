export { CancelDialog } from "./CancelDialog";
export { CancelFiltered } from "./CancelFiltered";
export { CancelMenuItem } from "./CancelMenuItem";
export { RunJobs } from "./Jobs";
export { underWay } from "./model";
