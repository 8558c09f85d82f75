import { ActionIcon, Button, Group, Menu, Modal, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { IconChevronRight, IconCopy, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { connectionsQuery, keys, paletteQuery } from "@/api/queries";
import type { Flow, FlowSummary } from "@/api/types";
import { CancelDialog, CancelMenuItem } from "@/features/cancelling";
import { PauseDialog, PauseMenuItem } from "@/features/pauses";
import { TimeAgo } from "@/shared/time";
import { notifyProblem } from "@/shared/ui/ProblemAlert";
import { StatusBadge } from "@/shared/ui/StatusBadge";
import { VendorIcon } from "@/shared/ui/VendorIcon";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./FlowCard.module.css";

const ICONS_SHOWN = 6;

/** One flow: what it connects, where it runs, and how its last run went. */
export function FlowCard({ flow }: { flow: FlowSummary }) {
  const { ws, env, environments } = useWorkspace();
  const { data: palette } = useQuery(paletteQuery(ws));
  const { data: connections } = useQuery(connectionsQuery(ws, env));
  const connectorOf = (slug: string | null | undefined) => {
    const connector = connections?.find((c) => c.slug === slug)?.connector;
    return palette?.connectors.find((c) => c.slug === (connector ?? slug));
  };
  const shown = flow.nodes.slice(0, ICONS_SHOWN);
  return (
    <article className={classes.card} aria-label={flow.name}>
      <div className={classes.top}>
        <div className={classes.icons} aria-hidden>
          {shown.map((node, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a place in a row of icons
            <span key={index} className={classes.icon}>
              {index > 0 && <IconChevronRight size={12} className={classes.arrow} />}
              <VendorIcon
                icon={connectorOf(node.connection)?.icon || node.type}
                name={connectorOf(node.connection)?.name}
                size={28}
              />
            </span>
          ))}
          {flow.nodes.length > ICONS_SHOWN && (
            <span className={classes.more}>
              {t("flows.more", { count: flow.nodes.length - ICONS_SHOWN })}
            </span>
          )}
          {flow.nodes.length === 0 && <span className={classes.blank} />}
        </div>
        <FlowMenu flow={flow} />
      </div>
      <div>
        <h2 className={classes.name}>
          <Link to="/w/$ws/flows/$flowId" params={{ ws, flowId: flow.id }} className={classes.link}>
            {flow.name}
          </Link>
        </h2>
        <Text size="sm" c="dimmed" lineClamp={2} mih={20}>
          {flow.description || t("flows.steps", { count: flow.nodes.length })}
        </Text>
      </div>
      <Group gap={6}>
        {flow.deployments.length === 0 && (
          <StatusBadge status="draft" label={t("flows.notPublished")} size="sm" />
        )}
        {flow.deployments.map((deployment) => (
          <StatusBadge
            key={deployment.environment}
            size="sm"
            status={deployment.active ? "active" : "paused"}
            label={t("flows.version", {
              environment:
                environments.find((e) => e.slug === deployment.environment)?.name ??
                deployment.environment,
              version: deployment.version,
            })}
          />
        ))}
      </Group>
      <div className={classes.foot}>
        {flow.last_run ? (
          <Link
            to="/w/$ws/runs/$runId"
            params={{ ws, runId: flow.last_run.id }}
            className={classes.run}
          >
            <StatusBadge status={flow.last_run.status} size="sm" />
            <Text size="xs" c="dimmed">
              {flow.last_run.finished_at && <TimeAgo at={flow.last_run.finished_at} />}
            </Text>
          </Link>
        ) : (
          <Text size="xs" c="dimmed">
            {t("flows.never")}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {t("flows.edited")} <TimeAgo at={flow.updated_at} />
        </Text>
      </div>
    </article>
  );
}

function FlowMenu({ flow }: { flow: FlowSummary }) {
  const { ws, env, can } = useWorkspace();
  const cache = useQueryClient();
  const [pausing, pause] = useDisclosure(false);
  const [cancelling, cancel] = useDisclosure(false);
  const live = flow.deployments.some(({ environment }) => environment === env);
  const paused = { of: { kind: "flow", ref: flow.id }, environment: env } as const;
  const editable = can("flows.edit");
  const operable = live && can("runs.operate");
  const [renaming, rename] = useDisclosure(false);
  const [name, setName] = useState(flow.name);
  const refresh = () => void cache.invalidateQueries({ queryKey: keys.flows(ws) });
  const path = inWorkspace(ws, `/flows/${flow.id}`);
  const save = useMutation({
    mutationFn: () => api.patch(path, { name: name.trim() }),
    onSuccess: () => {
      refresh();
      rename.close();
    },
    onError: (error) => notifyProblem(error),
  });
  const remove = useMutation({
    mutationFn: () => api.delete(path),
    onSuccess: refresh,
    onError: (error) => notifyProblem(error),
  });
  const duplicate = useMutation({
    mutationFn: async () => {
      const full = await api.getExact<Flow>(path);
      return api.post(inWorkspace(ws, "/flows"), {
        name: t("flows.duplicateName", { name: flow.name }),
        description: flow.description,
        document: full.draft.document,
      });
    },
    onSuccess: refresh,
    onError: (error) => notifyProblem(error),
  });
  const confirmDelete = () =>
    modals.openConfirmModal({
      title: t("delete.title", { name: flow.name }),
      children: <Text size="sm">{t("delete.text")}</Text>,
      labels: { confirm: t("delete.do"), cancel: t("create.cancel") },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate(),
    });
  if (!editable && !operable) return null;
  return (
    <div className={classes.menu}>
      <Menu width={190}>
        <Menu.Target>
          <ActionIcon aria-label={t("flows.menu", { name: flow.name })}>
            <IconDots size={17} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {editable && (
            <>
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={rename.open}>
                {t("flows.rename")}
              </Menu.Item>
              <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => duplicate.mutate()}>
                {t("flows.duplicate")}
              </Menu.Item>
            </>
          )}
          {operable && (
            <>
              <PauseMenuItem {...paused} onPause={pause.open} />
              <CancelMenuItem kind="flow" environment={env} onCancel={cancel.open} />
            </>
          )}
          {editable && (
            <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={confirmDelete}>
              {t("flows.delete")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <PauseDialog {...paused} opened={pausing} onClose={pause.close} />
      <CancelDialog
        of={{ kind: "flow", id: flow.id, name: flow.name }}
        environment={env}
        opened={cancelling}
        onClose={cancel.close}
      />
      <Modal opened={renaming} onClose={rename.close} title={t("rename.title")} size={400}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) save.mutate();
          }}
        >
          <TextInput
            label={t("create.name")}
            value={name}
            data-autofocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Group justify="flex-end" mt="md" gap="xs">
            <Button variant="default" onClick={rename.close}>
              {t("create.cancel")}
            </Button>
            <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
              {t("rename.do")}
            </Button>
          </Group>
        </form>
      </Modal>
    </div>
  );
}
