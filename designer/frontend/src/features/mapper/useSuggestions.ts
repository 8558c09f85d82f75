/** Proposals for what is not filled yet, worked out once a person rests. */

import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import { type Suggestion, suggest } from "./suggest";
import { type TreeNode, targetNodes } from "./treeRows";
import type { JsonSchema, MappingDocument } from "./types";

const REST_MS = 350;

export function useSuggestions(
  doc: MappingDocument,
  sources: TreeNode[],
  targetSchema: JsonSchema,
  refused: ReadonlySet<string>,
): Suggestion[] {
  const [settled] = useDebouncedValue(doc, REST_MS);
  const [documents] = useDebouncedValue(sources, REST_MS);
  return useMemo(
    () => suggest(settled, documents, targetNodes(targetSchema, settled, ""), refused),
    [settled, documents, targetSchema, refused],
  );
}
