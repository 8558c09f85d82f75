// The designer itself is not here: it is fetched by its own address (see router.tsx), so that a
// screen that only shows a flow does not load the tools to change one.
export { FlowView, type FlowViewProps } from "./FlowView";
