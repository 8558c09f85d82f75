export { FlowsPage } from "./FlowsPage";
