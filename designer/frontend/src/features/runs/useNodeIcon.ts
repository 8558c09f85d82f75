import { useQuery } from "@tanstack/react-query";
import { connectionsQuery, paletteQuery } from "@/api/queries";
import type { FlowNode } from "@/api/types";
import { useWorkspace } from "@/shared/workspace";

/** The mark of a node: that of its vendor where it has a connection, else that of its type. */
export function useNodeIcon(node: FlowNode, environment: string): { icon: string; name: string } {
  const { ws } = useWorkspace();
  const { data: connections } = useQuery(connectionsQuery(ws, environment));
  const { data: palette } = useQuery(paletteQuery(ws));
  const slug = typeof node.config.connection === "string" ? node.config.connection : null;
  if (slug === null) return { icon: node.type, name: node.name };
  const connector = connections?.find((candidate) => candidate.slug === slug)?.connector ?? slug;
  const known = palette?.connectors.find((candidate) => candidate.slug === connector);
  return { icon: known?.icon ?? connector, name: known?.name ?? connector };
}
