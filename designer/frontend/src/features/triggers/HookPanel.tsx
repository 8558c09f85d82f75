import {
  ActionIcon,
  Button,
  CopyButton,
  Group,
  Modal,
  PasswordInput,
  Select,
  Skeleton,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconAlertTriangle,
  IconCheck,
  IconCopy,
  IconEar,
  IconKey,
  IconSend,
} from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "@/api/client";
import type { FlowNode, Json } from "@/api/types";
import { formatMoment } from "@/shared/time";
import { Notice } from "@/shared/ui/Notice";
import { notifyProblem, ProblemAlert } from "@/shared/ui/ProblemAlert";
import { t } from "./en";
import { HookSamplesList } from "./HookSamplesList";
import { flowPath, type HookState, hookQuery, type Tried, triggerKeys } from "./queries";
import classes from "./triggers.module.css";

interface HookPanelProps {
  ws: string;
  env: string;
  environmentName: string;
  flowId: string;
  node: FlowNode;
  can: (right: string) => boolean;
  /** Makes a message the example document of the trigger. */
  onExample: (document: Json) => void;
}

const LISTEN_S = 600;

/** A flow's own address: where to send, its secret, what came in, and a delivery to try it. */
export function HookPanel(props: HookPanelProps) {
  const { ws, env, environmentName, flowId, node, can, onExample } = props;
  const cache = useQueryClient();
  const { data: hook, isPending, error } = useQuery(hookQuery(ws, flowId, env));
  const changed = (answer: HookState) => {
    const { secret: _once, ...kept } = answer;
    cache.setQueryData(triggerKeys.hook(ws, flowId, env), kept);
  };
  const listen = useMutation({
    mutationFn: (seconds: number) => {
      const { sample: _sample, ...settings } = node.config;
      return api.post<HookState>(flowPath(ws, flowId, "hook/listen"), {
        node_id: node.id,
        kind: node.type,
        settings,
        seconds,
        environment: env,
      });
    },
    onSuccess: changed,
    onError: (error) => notifyProblem(error),
  });
  const tried = useMutation({
    mutationFn: () =>
      api.post<Tried>(flowPath(ws, flowId, "hook/try"), {
        document: node.config.sample ?? {},
        environment: env,
      }),
    onSettled: () => cache.invalidateQueries({ queryKey: triggerKeys.hook(ws, flowId, env) }),
    onError: notifyProblem,
  });
  const kind = (node.config.signature as { kind?: string } | undefined)?.kind ?? "none";
  const title = t("hook.title", { environment: environmentName });
  return (
    <section className={classes.panel} aria-label={title}>
      <h3 className={classes.panelTitle}>{title}</h3>
      {isPending && <Skeleton height={36} />}
      <ProblemAlert error={error} />
      {hook === null && (
        <Text size="sm" c="dimmed">
          {t("hook.none")}
        </Text>
      )}
      {hook &&
        (hook.url ? (
          <TextInput
            aria-label={title}
            readOnly
            value={hook.url}
            onFocus={(event) => event.currentTarget.select()}
            description={hook.deployed ? undefined : t("hook.draft")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            rightSection={<Copy text={hook.url} />}
          />
        ) : (
          <Text size="sm" c="dimmed">
            {t("hook.hidden")}
          </Text>
        ))}
      {can("flows.edit") && (
        <Group gap="xs">
          {hook?.learning_until ? (
            <Button
              size="xs"
              variant="default"
              loading={listen.isPending}
              onClick={() => listen.mutate(0)}
            >
              {t("hook.stop")}
            </Button>
          ) : (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconEar size={14} />}
              loading={listen.isPending}
              onClick={() => listen.mutate(LISTEN_S)}
            >
              {t("hook.listen")}
            </Button>
          )}
          {hook?.deployed && can("flows.test") && (
            <Button
              size="xs"
              variant="default"
              leftSection={<IconSend size={14} />}
              loading={tried.isPending}
              onClick={() => tried.mutate()}
            >
              {t("hook.try")}
            </Button>
          )}
        </Group>
      )}
      {hook?.learning_until && (
        <Text size="xs" c="dimmed" role="status">
          {t("hook.listening", { at: formatMoment(hook.learning_until) })}
        </Text>
      )}
      {tried.data && (
        <Text size="xs" role="status" c={tried.data.problem ? "red" : undefined}>
          {triedWords(tried.data)}
        </Text>
      )}
      {hook?.refusal?.message && (
        <Notice tone="amber" icon={<IconAlertTriangle size={16} />} title={t("hook.refused")}>
          {hook.refusal.message} {hook.refusal.hint}
        </Notice>
      )}
      {hook && kind !== "none" && can("flows.publish") && (
        <Secret ws={ws} env={env} flowId={flowId} hook={hook} kind={kind} onChanged={changed} />
      )}
      {hook && can("runs.data_view") && (
        <HookSamplesList
          ws={ws}
          env={env}
          flowId={flowId}
          mayEdit={can("flows.edit")}
          onExample={onExample}
        />
      )}
    </section>
  );
}

function triedWords({ status, runs, problem, duplicates }: Tried): string {
  if (problem) return t("hook.tried.refused", { status: String(status), why: problem.message });
  const words =
    runs.length > 0 || duplicates === 0
      ? t("hook.tried.runs", { count: runs.length })
      : t("hook.tried.again");
  return t("hook.tried", { status: String(status), runs: words });
}

function Copy({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t("hook.copied") : t("hook.copy")}>
          <ActionIcon aria-label={t("hook.copy")} onClick={copy}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

const OVERLAPS = ["0", "3600", "86400", "604800", "2592000"] as const;

interface SecretProps {
  ws: string;
  env: string;
  flowId: string;
  hook: HookState;
  kind: string;
  onChanged: (hook: HookState) => void;
}

/** The secret by which senders prove themselves: made, rotated with an overlap, shown once. */
function Secret({ ws, env, flowId, hook, kind, onChanged }: SecretProps) {
  const [asking, setAsking] = useState(false);
  const [own, setOwn] = useState("");
  const [overlap, setOverlap] = useState<string>("86400");
  const [shown, setShown] = useState<string | null>(null);
  const close = () => {
    setAsking(false);
    setShown(null);
    setOwn("");
  };
  const make = useMutation({
    mutationFn: () =>
      api.post<HookState>(flowPath(ws, flowId, "hook/secret"), {
        kind,
        value: own,
        overlap_s: Number(overlap),
        environment: env,
      }),
    onSuccess: (answer) => {
      setShown(answer.secret ?? "");
      onChanged(answer);
    },
  });
  const forget = useMutation({
    mutationFn: () =>
      api.delete<HookState>(`${flowPath(ws, flowId, "hook/secret")}?environment=${env}`),
    onSuccess: (answer) => {
      onChanged(answer);
      notifications.show({ message: t("hook.secret.has") });
    },
    onError: notifyProblem,
  });
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <Text size="xs" c={hook.has_secret ? "dimmed" : "red"}>
          {hook.has_secret ? t("hook.secret.has") : t("hook.secret.none")}
        </Text>
        <Button
          size="compact-xs"
          flex="none"
          variant={hook.has_secret ? "default" : "filled"}
          leftSection={<IconKey size={13} />}
          onClick={() => setAsking(true)}
        >
          {hook.has_secret ? t("hook.secret.rotate") : t("hook.secret.make")}
        </Button>
      </Group>
      {hook.previous_until && (
        <Group justify="space-between" gap="xs" wrap="nowrap">
          <Text size="xs" c="dimmed">
            {t("hook.secret.previous", { at: formatMoment(hook.previous_until) })}
          </Text>
          <Button
            size="compact-xs"
            flex="none"
            variant="default"
            loading={forget.isPending}
            onClick={() => forget.mutate()}
          >
            {t("hook.secret.forget")}
          </Button>
        </Group>
      )}
      <Modal opened={asking} onClose={close} title={t("hook.secret")}>
        {shown === null ? (
          <Stack gap="sm">
            <PasswordInput
              label={t("hook.secret.own")}
              description={t("hook.secret.own.help")}
              autoComplete="new-password"
              value={own}
              onChange={(event) => setOwn(event.currentTarget.value)}
            />
            {hook.has_secret && (
              <Select
                label={t("hook.secret.overlap")}
                allowDeselect={false}
                data={OVERLAPS.map((value) => ({
                  value,
                  label: t(`hook.secret.overlap.${value}`),
                }))}
                value={overlap}
                onChange={(next) => next && setOverlap(next)}
              />
            )}
            <ProblemAlert error={make.error} />
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={close}>
                {t("start.cancel")}
              </Button>
              <Button loading={make.isPending} onClick={() => make.mutate()}>
                {hook.has_secret ? t("hook.secret.rotate") : t("hook.secret.make")}
              </Button>
            </Group>
          </Stack>
        ) : (
          <Stack gap="sm">
            <Text size="sm">{t("hook.secret.shown")}</Text>
            <TextInput
              aria-label={t("hook.secret")}
              readOnly
              value={shown}
              classNames={{ input: classes.secret }}
              rightSection={<Copy text={shown} />}
              onFocus={(event) => event.currentTarget.select()}
            />
          </Stack>
        )}
      </Modal>
    </Stack>
  );
}
