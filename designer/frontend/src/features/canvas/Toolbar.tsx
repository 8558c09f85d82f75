import {
  ActionIcon,
  Button,
  Group,
  Kbd,
  Menu,
  Modal,
  Switch,
  Table,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconArrowLeft,
  IconCheck,
  IconCloudCheck,
  IconCloudOff,
  IconCloudUpload,
  IconDeviceFloppy,
  IconDots,
  IconEye,
  IconHistory,
  IconKeyboard,
  IconPlayerPlay,
  IconRocket,
  IconUsers,
  type TablerIcon,
} from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, inWorkspace } from "@/api/client";
import { keys } from "@/api/queries";
import type { Flow } from "@/api/types";
import { CancelDialog, CancelMenuItem } from "@/features/cancelling";
import { PauseDialog, PauseMenuItem } from "@/features/pauses";
import { triggerKeys } from "@/features/triggers/queries";
import { IconLink } from "@/shared/ui/links";
import { notifyProblem } from "@/shared/ui/ProblemAlert";
import { useWorkspace } from "@/shared/workspace";
import { useDesigner } from "./DesignerContext";
import { t } from "./en";
import classes from "./Toolbar.module.css";
import type { DraftApi, SaveState } from "./useDraft";

const SAVE_ICONS: Record<SaveState, TablerIcon> = {
  saved: IconCloudCheck,
  saving: IconCloudUpload,
  unsaved: IconCloudUpload,
  error: IconCloudOff,
  conflict: IconUsers,
};

interface ToolbarProps {
  draft: DraftApi;
  onPublish: () => void;
  onTest: () => void;
  onVersions: () => void;
}

/** The line above the canvas: name, save state, undo, test and publish. */
export function Toolbar({ draft, onPublish, onTest, onVersions }: ToolbarProps) {
  const { ws, env, flow, readOnly } = useDesigner();
  const { can } = useWorkspace();
  const [shortcuts, keyboard] = useDisclosure(false);
  const [pausing, pause] = useDisclosure(false);
  const [cancelling, cancel] = useDisclosure(false);
  const live = flow.deployments.some(({ environment }) => environment === env);
  const paused = { of: { kind: "flow", ref: flow.id }, environment: env } as const;
  const tool = (label: string, Icon: TablerIcon, run: () => void, off: boolean, hint?: string) => (
    <Tooltip label={hint ? `${label} (${hint})` : label}>
      <ActionIcon aria-label={label} onClick={run} disabled={off} variant="subtle">
        <Icon size={18} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("tool.bar")}>
      <Group gap={6} wrap="nowrap" miw={0}>
        <Tooltip label={t("tool.back")}>
          <IconLink to="/w/$ws/flows" params={{ ws }} aria-label={t("tool.back")}>
            <IconArrowLeft size={18} stroke={1.7} />
          </IconLink>
        </Tooltip>
        <FlowName />
        <SaveStatus draft={draft} />
      </Group>
      <Group gap={4} wrap="nowrap">
        {tool(t("tool.undo"), IconArrowBackUp, draft.undo, readOnly || !draft.canUndo, "Ctrl Z")}
        {tool(t("tool.redo"), IconArrowForwardUp, draft.redo, readOnly || !draft.canRedo, "Ctrl Y")}
        <span className={classes.divider} />
        <ActiveSwitch />
        <Button
          variant="default"
          leftSection={<IconDeviceFloppy size={16} stroke={1.7} />}
          disabled={readOnly || draft.saveState === "saved" || draft.saveState === "conflict"}
          onClick={() => void draft.flush()}
        >
          {t("tool.save")}
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} stroke={1.7} />}
          disabled={!can("flows.test")}
          onClick={onTest}
        >
          {t("tool.test")}
        </Button>
        <Button
          leftSection={<IconRocket size={16} stroke={1.7} />}
          disabled={!can("flows.publish")}
          onClick={onPublish}
        >
          {t("tool.publish")}
        </Button>
        <Menu width={210}>
          <Menu.Target>
            <ActionIcon aria-label={t("tool.more")}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconHistory size={16} stroke={1.7} />} onClick={onVersions}>
              {t("tool.versions")}
            </Menu.Item>
            {live && <PauseMenuItem {...paused} onPause={pause.open} />}
            {live && <CancelMenuItem kind="flow" environment={env} onCancel={cancel.open} />}
            <Menu.Item
              leftSection={<IconKeyboard size={16} stroke={1.7} />}
              onClick={keyboard.open}
            >
              {t("tool.shortcuts")}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </Group>
      <PauseDialog {...paused} opened={pausing} onClose={pause.close} />
      <CancelDialog
        of={{ kind: "flow", id: flow.id, name: flow.name }}
        environment={env}
        opened={cancelling}
        onClose={cancel.close}
      />
      <Shortcuts opened={shortcuts} onClose={keyboard.close} />
    </div>
  );
}

function SaveStatus({ draft }: { draft: DraftApi }) {
  const { readOnly } = useDesigner();
  if (readOnly) {
    return (
      <span className={classes.save} data-state="saved">
        <IconEye size={15} stroke={1.8} aria-hidden />
        {t("save.readOnly")}
      </span>
    );
  }
  const Icon = SAVE_ICONS[draft.saveState];
  const problem = draft.saveState === "error" ? draft.saveProblem : null;
  return (
    <Tooltip
      label={problem ? `${problem.message} ${problem.hint ?? ""}` : ""}
      disabled={!problem}
      multiline
      maw={320}
    >
      <span className={classes.save} data-state={draft.saveState} role="status">
        <Icon size={15} stroke={1.8} aria-hidden />
        {t(`save.${draft.saveState}`)}
      </span>
    </Tooltip>
  );
}

function FlowName() {
  const { ws, flow, readOnly } = useDesigner();
  const cache = useQueryClient();
  const [name, setName] = useState(flow.name);
  useEffect(() => setName(flow.name), [flow.name]);
  useEffect(() => {
    document.title = `${flow.name} · Causeway`;
  }, [flow.name]);
  const rename = useMutation({
    mutationFn: (next: string) => api.patch(inWorkspace(ws, `/flows/${flow.id}`), { name: next }),
    onSuccess: (_answer, next) => {
      cache.setQueryData<Flow>(keys.flow(ws, flow.id), (before) =>
        before ? { ...before, name: next } : before,
      );
      void cache.invalidateQueries({ queryKey: keys.flows(ws) });
    },
    onError: (error) => {
      setName(flow.name);
      notifyProblem(error);
    },
  });
  const finish = () => {
    const next = name.trim();
    if (!next) setName(flow.name);
    else if (next !== flow.name) rename.mutate(next);
  };
  return (
    <TextInput
      aria-label={t("tool.rename")}
      variant="unstyled"
      classNames={{ input: classes.name }}
      style={{ width: `${Math.min(42, Math.max(12, name.length + 3))}ch` }}
      value={name}
      disabled={readOnly}
      onChange={(event) => setName(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setName(flow.name);
      }}
    />
  );
}

/** Starts and pauses the published version of the environment that is looked at. */
function ActiveSwitch() {
  const { ws, env, flow } = useDesigner();
  const { can, environments } = useWorkspace();
  const cache = useQueryClient();
  const deployment = flow.deployments.find((d) => d.environment === env);
  const environment = environments.find((e) => e.slug === env)?.name ?? env;
  const toggle = useMutation({
    mutationFn: (active: boolean) =>
      api.post(inWorkspace(ws, `/flows/${flow.id}/activate`), { environment: env, active }),
    onMutate: (active) => {
      const before = cache.getQueryData<Flow>(keys.flow(ws, flow.id));
      cache.setQueryData<Flow>(keys.flow(ws, flow.id), (now) =>
        now
          ? {
              ...now,
              deployments: now.deployments.map((d) =>
                d.environment === env ? { ...d, active } : d,
              ),
            }
          : now,
      );
      return { before };
    },
    onError: (error, _active, held) => {
      if (held?.before) cache.setQueryData(keys.flow(ws, flow.id), held.before);
      notifyProblem(error);
    },
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: keys.flow(ws, flow.id) });
      void cache.invalidateQueries({ queryKey: keys.flows(ws) });
      void cache.invalidateQueries({ queryKey: triggerKeys.all(ws, flow.id) });
    },
  });
  if (!deployment) return null;
  return (
    <Tooltip label={deployment.active ? t("activate.on") : t("activate.off")}>
      <Switch
        mr="xs"
        size="sm"
        color="green"
        thumbIcon={deployment.active ? <IconCheck size={9} color="green" stroke={4} /> : undefined}
        label={t("activate.label", { environment })}
        checked={deployment.active}
        disabled={!can("flows.publish") || toggle.isPending}
        onChange={(event) => toggle.mutate(event.currentTarget.checked)}
      />
    </Tooltip>
  );
}

const KEYS: [string, string[]][] = [
  [t("shortcut.undo"), ["Ctrl", "Z"]],
  [t("shortcut.redo"), ["Ctrl", "Y"]],
  [t("shortcut.copy"), ["Ctrl", "C", "X", "V"]],
  [t("shortcut.duplicate"), ["Ctrl", "D"]],
  [t("shortcut.all"), ["Ctrl", "A"]],
  [t("shortcut.delete"), ["Delete"]],
  [t("shortcut.save"), ["Ctrl", "S"]],
  [t("shortcut.add"), ["/"]],
  [t("shortcut.fit"), ["F"]],
  [t("shortcut.layout"), ["L"]],
  [t("shortcut.move"), ["←", "↑", "→", "↓"]],
  [t("shortcut.multi"), ["Ctrl", "click"]],
];

function Shortcuts({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title={t("tool.shortcuts")} size={420}>
      <Table verticalSpacing={6} withRowBorders={false}>
        <Table.Tbody>
          {KEYS.map(([what, names]) => (
            <Table.Tr key={what}>
              <Table.Td>{what}</Table.Td>
              <Table.Td ta="right">
                {names.map((name) => (
                  <Kbd key={name} ml={4}>
                    {name}
                  </Kbd>
                ))}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  );
}
