/** The second, light door: what other screens show of runs, without the run page and its canvas. */

export { happened } from "./happened";
export { JsonEditor } from "./JsonEditor";
export { checkJson } from "./jsonText";
export { runsQuery } from "./queries";
export { RunsTable } from "./RunsTable";
