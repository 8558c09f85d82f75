export { type Column, DataTable } from "./DataTable";
export { EmptyState } from "./EmptyState";
export { JsonView } from "./JsonView";
export { Markdown } from "./Markdown";
export { Page } from "./Page";
export { PageHeader } from "./PageHeader";
export { notifyProblem, ProblemAlert } from "./ProblemAlert";
export { StatusBadge, statusLook, type Tone } from "./StatusBadge";
export { VendorIcon } from "./VendorIcon";
