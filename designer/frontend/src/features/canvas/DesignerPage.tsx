import { Placeholder } from "@/shared/ui/Placeholder";

export function DesignerPage() {
  return <Placeholder />;
}
