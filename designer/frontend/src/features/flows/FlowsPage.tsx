import { Placeholder } from "@/shared/ui/Placeholder";

export function FlowsPage() {
  return <Placeholder />;
}
