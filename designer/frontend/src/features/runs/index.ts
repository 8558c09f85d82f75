export { DeadLetterPage } from "./DeadLetterPage";
export { ErrorsPage } from "./ErrorsPage";
export { RunPage } from "./RunPage";
export { RunsPage } from "./RunsPage";
