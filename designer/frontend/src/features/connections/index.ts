import { Placeholder } from "@/shared/ui/Placeholder";

export const ConnectionsPage = Placeholder;
export const ConnectionPage = Placeholder;
