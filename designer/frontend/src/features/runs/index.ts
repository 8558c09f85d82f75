import { Placeholder } from "@/shared/ui/Placeholder";

export const RunsPage = Placeholder;
export const RunPage = Placeholder;
export const ErrorsPage = Placeholder;
export const DeadLetterPage = Placeholder;
