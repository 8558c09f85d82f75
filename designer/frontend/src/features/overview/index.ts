import { Placeholder } from "@/shared/ui/Placeholder";

export const OverviewPage = Placeholder;
