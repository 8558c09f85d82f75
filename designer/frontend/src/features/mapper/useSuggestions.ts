/** Proposals for what is not filled yet, worked out once a person rests. */

import { useDebouncedValue } from "@mantine/hooks";
import { useCallback, useMemo, useState } from "react";
import { keepRefused, readRefused, type Suggestion, suggest } from "./suggest";
import { type TreeNode, targetNodes } from "./treeRows";
import type { JsonSchema, MappingDocument } from "./types";

const REST_MS = 350;

export function useSuggestions(
  workspace: string,
  doc: MappingDocument,
  sources: TreeNode[],
  targetSchema: JsonSchema,
): { suggestions: Suggestion[]; refuse: (ids: string[]) => void } {
  const [refused, setRefused] = useState(() => readRefused(workspace));
  const [settled] = useDebouncedValue(doc, REST_MS);
  const [documents] = useDebouncedValue(sources, REST_MS);
  const suggestions = useMemo(
    () => suggest(settled, documents, targetNodes(targetSchema, settled, ""), refused),
    [settled, documents, targetSchema, refused],
  );
  const refuse = useCallback(
    (ids: string[]) =>
      setRefused((before) => {
        const after = new Set([...before, ...ids]);
        keepRefused(workspace, after);
        return after;
      }),
    [workspace],
  );
  return { suggestions, refuse };
}
