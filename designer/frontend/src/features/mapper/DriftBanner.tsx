import { Button } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { ProblemAlert } from "@/shared/ui";
import classes from "./DriftBanner.module.css";
import { t } from "./en";
import { blockPath, ruleById } from "./model";
import type { SchemaDrift } from "./types";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

const MOST = 60;

/** Says that a system's fields are not what they were, and which rules that touches. */
export function DriftBanner({
  place,
  store,
  drift,
}: {
  place: MapperPlace;
  store: MapperStore;
  drift: SchemaDrift[] | undefined;
}) {
  const { workspace, flowId, nodeId, environment } = place;
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const seen = useMutation({
    mutationFn: () =>
      api.post(inWorkspace(workspace, `/flows/${encodeURIComponent(flowId)}/mapping-drift/seen`), {
        node_id: nodeId,
        environment,
      }),
    onSuccess: () => client.invalidateQueries({ queryKey: [workspace, "flow", flowId, "sources"] }),
  });
  if (!drift?.length || seen.isSuccess) return null;
  const changes = drift.reduce((sum, one) => sum + one.changes.length, 0);
  const touched = drift.reduce((sum, one) => sum + one.touched.length, 0);
  const goTo = (ruleId: string | null, target: string | null) => {
    const rule = ruleById(store.doc, ruleId);
    const key = rule ? (rule.rows ? blockPath(rule) : rule.target) : target;
    if (!key) return;
    store.reveal("target", key);
    store.select(key);
  };
  return (
    <section className={classes.banner} aria-label={t("drift.label")}>
      <div className={classes.line}>
        <IconAlertTriangle size={16} aria-hidden />
        <b>{t("drift.title", { where: drift.map((one) => one.title).join(", ") })}</b>
        <span>
          {t("drift.changes", { count: changes })} · {t("drift.touched", { count: touched })}
        </span>
        <Button
          size="compact-sm"
          variant="default"
          aria-expanded={open}
          rightSection={open ? <IconChevronUp size={13} /> : <IconChevronDown size={13} />}
          onClick={() => setOpen((o) => !o)}
        >
          {t("drift.show")}
        </Button>
        <Button size="compact-sm" loading={seen.isPending} onClick={() => seen.mutate()}>
          {t("drift.take")}
        </Button>
      </div>
      {seen.error && <ProblemAlert error={seen.error} />}
      {open && (
        <ul className={classes.changes}>
          {drift.flatMap((one) => [
            ...one.touched.slice(0, MOST).map((rule) => (
              <li key={`${one.path} ${rule.rule_id} ${rule.path} ${rule.kind}`}>
                <button type="button" onClick={() => goTo(rule.rule_id, rule.target)}>
                  <b data-breaks={rule.breaks || undefined}>
                    {t(rule.breaks ? "drift.breaks" : "drift.concerns", {
                      target: rule.target || t("target.document"),
                    })}
                  </b>{" "}
                  {rule.message}
                </button>
              </li>
            )),
            ...one.changes
              .filter((change) => !one.touched.some((rule) => rule.path === change.path))
              .slice(0, MOST)
              .map((change) => (
                <li key={`${one.path} ${change.path} ${change.kind}`}>
                  {one.title}: {change.message}
                </li>
              )),
          ])}
        </ul>
      )}
    </section>
  );
}
