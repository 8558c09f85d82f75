import { Placeholder } from "@/shared/ui/Placeholder";

export const SandboxPage = Placeholder;
