import {
  Alert,
  Button,
  Group,
  Modal,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCircleX, IconRocket } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiProblem, api, asProblem, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Problem } from "@/api/types";
import { triggerKeys } from "@/features/triggers/queries";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { isProduction, useWorkspace } from "@/shared/workspace";
import { useDesigner } from "./DesignerContext";
import { nodeOf } from "./document";
import { t } from "./en";
import { PublishChanges } from "./PublishChanges";
import classes from "./PublishDialog.module.css";

interface PublishDialogProps {
  opened: boolean;
  onClose: () => void;
  flush: () => Promise<number | null>;
}

/** Publishes the draft to an environment, with a note; tells what stands in the way. */
export function PublishDialog({ opened, onClose, flush }: PublishDialogProps) {
  const { ws, env, flow, problems, document, focusNode } = useDesigner();
  const { environments, can } = useWorkspace();
  const cache = useQueryClient();
  const [target, setTarget] = useState(env);
  const [note, setNote] = useState("");
  const name = environments.find((e) => e.slug === target)?.name ?? target;
  const deployed = flow.deployments.find((d) => d.environment === target);

  const publish = useMutation({
    mutationFn: async () => {
      const revision = await flush();
      if (revision === null) {
        throw new ApiProblem(409, { title: t("save.errorTitle"), detail: t("leave.title") });
      }
      return api.post<{ version: number }>(inWorkspace(ws, `/flows/${flow.id}/publish`), {
        revision,
        environment: target,
        note,
      });
    },
    onSuccess: ({ version }) => {
      notifications.show({
        color: "green",
        title: t("publish.done", { version }),
        message: t("publish.doneText", { environment: name }),
      });
      void cache.invalidateQueries({ queryKey: keys.flow(ws, flow.id) });
      void cache.invalidateQueries({ queryKey: keys.flows(ws) });
      void cache.invalidateQueries({ queryKey: triggerKeys.all(ws, flow.id) });
      setNote("");
      onClose();
    },
  });
  const refused = publish.error ? asProblem(publish.error) : null;
  const found = (refused?.extras.problems as Problem[] | undefined) ?? problems;
  const errors = found.filter((p) => p.severity === "error");
  const warnings = found.filter((p) => p.severity === "warning");

  return (
    <Modal opened={opened} onClose={onClose} title={t("publish.title")} size={520}>
      <Stack gap="md">
        <div>
          <Text size="sm" fw={520} mb={4}>
            {t("publish.environment")}
          </Text>
          <SegmentedControl
            fullWidth
            aria-label={t("publish.environment")}
            value={target}
            onChange={setTarget}
            data={environments.map((e) => ({
              value: e.slug,
              label: e.name,
              disabled: !can("flows.publish", e.slug),
            }))}
          />
          <Text size="xs" c="dimmed" mt={6}>
            {deployed
              ? t(deployed.active ? "publish.state.active" : "publish.state.paused", {
                  version: deployed.version,
                  environment: name,
                })
              : t("publish.state.none", { environment: name })}
          </Text>
        </div>
        {deployed && <PublishChanges key={deployed.version} version={deployed.version} />}
        {isProduction(target) && (
          <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} p="sm">
            {t("publish.production")}
          </Alert>
        )}
        <TextInput
          label={t("publish.note")}
          placeholder={t("publish.noteHint")}
          value={note}
          maxLength={200}
          data-autofocus
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {errors.length + warnings.length > 0 && (
          <div>
            <Text size="sm" fw={560} mb={6}>
              {[
                errors.length > 0 && t("publish.blocked", { count: errors.length }),
                warnings.length > 0 && t("publish.warnings", { count: warnings.length }),
              ]
                .filter(Boolean)
                .join(" ")}
            </Text>
            <ul className={classes.problems} aria-label={t("dock.problems")}>
              {[...errors, ...warnings].map((problem) => {
                const node = nodeOf(document, problem.node_id);
                return (
                  <li
                    key={`${problem.node_id}${problem.code}${problem.field}${problem.message}`}
                    data-severity={problem.severity}
                  >
                    {problem.severity === "error" ? (
                      <IconCircleX size={15} aria-label={t("problems.error")} />
                    ) : (
                      <IconAlertTriangle size={15} aria-label={t("problems.warning")} />
                    )}
                    <span className={classes.problem}>{problem.message}</span>
                    {node && (
                      <Button
                        size="compact-xs"
                        variant="subtle"
                        color="gray"
                        aria-label={t("problems.focus", { name: node.name })}
                        onClick={() => {
                          onClose();
                          focusNode(node.id);
                        }}
                      >
                        {t("problems.show")}
                      </Button>
                    )}
                  </li>
                );
              })}
            </ul>
          </div>
        )}
        {refused && refused.code !== "flow.not_publishable" && <ProblemAlert error={refused} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t("publish.cancel")}
          </Button>
          <Button
            leftSection={<IconRocket size={16} />}
            disabled={(errors.length > 0 && !refused) || !can("flows.publish", target)}
            loading={publish.isPending}
            onClick={() => publish.mutate()}
          >
            {t("publish.do")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
