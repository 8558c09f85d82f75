export { DesignerPage } from "./DesignerPage";
export { FlowView, type FlowViewProps } from "./FlowView";
