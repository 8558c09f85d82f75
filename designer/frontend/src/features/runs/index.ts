import { Placeholder } from "@/shared/ui/Placeholder";

export { RunPage } from "./RunPage";
export { RunsPage } from "./RunsPage";
export const ErrorsPage = Placeholder;
export const DeadLetterPage = Placeholder;
