import { List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, inWorkspace } from "@/api/client";
import type { FlowDocument } from "@/api/types";
import { changesBetween, isNothing, type StepChange } from "./changes";
import { useDesigner } from "./DesignerContext";
import { t } from "./en";

const NAMED = 4;

function names(all: readonly string[]): string {
  const shown = all.slice(0, NAMED).map((name) => `“${name}”`);
  const rest = all.length - shown.length;
  return rest > 0 ? t("publish.diff.more", { names: shown.join(", "), rest }) : shown.join(", ");
}

/** "before “Post it”, 2 rules changed, other settings". */
function wordsOf({ was, rules, settings }: StepChange): string {
  return [
    was !== null && t("publish.diff.renamed", { name: was }),
    rules.added > 0 && t("publish.diff.rules.added", { count: rules.added }),
    rules.changed > 0 && t("publish.diff.rules.changed", { count: rules.changed }),
    rules.removed > 0 && t("publish.diff.rules.removed", { count: rules.removed }),
    settings && t("publish.diff.settings"),
  ]
    .filter(Boolean)
    .join(", ");
}

/** What the draft does otherwise than the version that is published now. */
export function PublishChanges({ version }: { version: number }) {
  return (
    // Its place is kept: the button below must not move from under a hand.
    <div style={{ minHeight: 48 }}>
      <Changes version={version} />
    </div>
  );
}

function Changes({ version }: { version: number }) {
  const { ws, flow, document } = useDesigner();
  const { data } = useQuery({
    queryKey: [ws, "flow", flow.id, "version", version],
    queryFn: ({ signal }) =>
      api.getExact<{ document: FlowDocument }>(
        inWorkspace(ws, `/flows/${flow.id}/versions/${version}`),
        undefined,
        signal,
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const changes = useMemo(
    () => (data ? changesBetween(data.document, document) : null),
    [data, document],
  );
  if (!changes) return null;
  if (isNothing(changes)) {
    return (
      <Text size="sm" c="dimmed" role="status">
        {t("publish.diff.none", { version })}
      </Text>
    );
  }
  const { added, removed, changed, wires } = changes;
  return (
    <section aria-label={t("publish.diff", { version })}>
      <Text size="sm" fw={560} mb={4}>
        {t("publish.diff", { version })}
      </Text>
      <List size="sm" spacing={2}>
        {changed.slice(0, NAMED).map((step) => (
          <List.Item key={`${step.was} ${step.name}`}>
            {t("publish.diff.step", { name: `“${step.name}”`, what: wordsOf(step) })}
          </List.Item>
        ))}
        {changed.length > NAMED && (
          <List.Item>
            {t("publish.diff.changed", {
              names: names(changed.slice(NAMED).map(({ name }) => name)),
            })}
          </List.Item>
        )}
        {added.length > 0 && (
          <List.Item>{t("publish.diff.added", { names: names(added) })}</List.Item>
        )}
        {removed.length > 0 && (
          <List.Item>{t("publish.diff.removed", { names: names(removed) })}</List.Item>
        )}
        {wires > 0 && <List.Item>{t("publish.diff.wires", { count: wires })}</List.Item>}
      </List>
    </section>
  );
}
