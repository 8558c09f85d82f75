import { ActionIcon, Button, Kbd, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconClipboard,
  IconCopy,
  IconDots,
  IconFileSpreadsheet,
  IconFileTypeCsv,
  IconFileTypePdf,
  IconFocusCentered,
  IconFunction,
  IconRefresh,
  IconTemplate,
  IconX,
} from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, asProblem, inWorkspace } from "@/api/client";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { isHole } from "./expressions";
import { InsertTemplate } from "./InsertTemplate";
import { patchRule, valueRule } from "./model";
import { copyRules, unfolded } from "./reuse";
import { SaveFunction } from "./SaveFunction";
import { download, sheetCsv, sheetRows } from "./sheet";
import { SaveTemplate } from "./TemplateDialogs";
import { TemplateUpdate } from "./TemplateUpdate";
import { insertionsOf } from "./templateFollow";
import type { Preview, Sample } from "./types";
import { useCopying } from "./useCopying";
import { useOwnFunctions } from "./useFunctions";
import type { MapperStore } from "./useMapper";
import { type MapperPlace, sampleOf } from "./usePreview";

type Dialog = "save" | "insert" | "update" | "function" | null;

/** What is done with a mapping as a whole: templates, functions, documents for sign-off, focus. */
export function MoreMenu({
  workspace,
  place,
  store,
  preview,
  sample,
  focus,
  onFocus,
}: {
  workspace: string;
  place: MapperPlace;
  store: MapperStore;
  preview: Preview | undefined;
  sample: Sample | null;
  focus: boolean;
  onFocus: (focus: boolean) => void;
}) {
  const env = useExprEnv();
  const [dialog, setDialog] = useState<Dialog>(null);
  const { doc, selected } = store;
  const rule = selected === null ? undefined : valueRule(doc, selected);
  const own = useOwnFunctions(workspace).data ?? [];
  const calls = rule?.expr?.op === "call" ? rule.expr : null;
  const called = calls && own.find((one) => one.name === calls.fn);
  const open = calls && called ? unfolded(calls, called.function) : null;
  const rows = () => sheetRows(doc, preview, { title: env.titleOf, fn: env.fnTitle });
  const close = () => setDialog(null);
  const copying = useCopying(store);
  const copiable = selected !== null && copyRules(doc, selected) !== null;
  // The document shows what is on the screen, saved or not.
  const paper = useMutation({
    mutationFn: (format: "pdf" | "xlsx") =>
      api.file(inWorkspace(workspace, `/flows/${encodeURIComponent(place.flowId)}/mapping-sheet`), {
        document: place.document,
        node_id: place.nodeId,
        mapping_name: place.slot,
        environment: place.environment,
        mapping: doc,
        format,
        ...(sample ? { sample: { title: sample.title, ...sampleOf(sample) } } : {}),
      }),
    onSuccess: (file) => {
      download(file);
      store.say(t("more.downloaded", { name: file.name }));
    },
    onError: (error) =>
      notifications.show({
        color: "red",
        title: t("more.failed"),
        message: asProblem(error).message,
      }),
  });
  const shared = { workspace, store, place, onClose: close };
  return (
    <>
      {focus && (
        <Button
          size="xs"
          variant="light"
          rightSection={<IconX size={13} aria-hidden />}
          aria-label={t("more.focus_off")}
          onClick={() => onFocus(false)}
        >
          {t("more.focus")}
        </Button>
      )}
      <Menu position="bottom-end" width={320} withinPortal>
        <Menu.Target>
          <ActionIcon size={30} aria-label={t("more.menu")}>
            <IconDots size={18} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconFocusCentered size={15} stroke={1.7} aria-hidden />}
            rightSection={focus ? "✓" : undefined}
            onClick={() => onFocus(!focus)}
          >
            {t("more.focus_on")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconCopy size={15} stroke={1.7} aria-hidden />}
            rightSection={<Kbd size="xs">Ctrl C</Kbd>}
            disabled={!copiable}
            onClick={() => selected !== null && copying.copy(selected)}
          >
            {t("more.copy")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconClipboard size={15} stroke={1.7} aria-hidden />}
            rightSection={<Kbd size="xs">Ctrl V</Kbd>}
            disabled={selected === null || store.readOnly}
            onClick={() => selected !== null && void copying.paste(selected)}
          >
            {t("more.paste")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconTemplate size={15} stroke={1.7} aria-hidden />}
            disabled={store.readOnly}
            onClick={() => setDialog("insert")}
          >
            {t("more.template_insert")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconTemplate size={15} stroke={1.7} aria-hidden />}
            disabled={doc.rules.length === 0 || store.readOnly}
            onClick={() => setDialog("save")}
          >
            {t("more.template_save")}
          </Menu.Item>
          {insertionsOf(doc).length > 0 && !store.readOnly && (
            <Menu.Item
              leftSection={<IconRefresh size={15} stroke={1.7} aria-hidden />}
              onClick={() => setDialog("update")}
            >
              {t("more.template_update")}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconFunction size={15} stroke={1.7} aria-hidden />}
            disabled={!rule || isHole(rule.expr) || store.readOnly}
            onClick={() => setDialog("function")}
          >
            {t("more.function")}
          </Menu.Item>
          {open && rule && !store.readOnly && (
            <Menu.Item
              leftSection={<IconFunction size={15} stroke={1.7} aria-hidden />}
              onClick={() => {
                store.change(patchRule(doc, rule.id, { expr: open }));
                store.say(t("function.unfolded"));
              }}
            >
              {t("more.unfold")}
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconFileTypePdf size={15} stroke={1.7} aria-hidden />}
            onClick={() => paper.mutate("pdf")}
          >
            {t("more.pdf")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileSpreadsheet size={15} stroke={1.7} aria-hidden />}
            onClick={() => paper.mutate("xlsx")}
          >
            {t("more.sheet")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileTypeCsv size={15} stroke={1.7} aria-hidden />}
            onClick={() =>
              download(new File([sheetCsv(rows())], "mapping.csv", { type: "text/csv" }))
            }
          >
            {t("more.csv")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === "save" && <SaveTemplate {...shared} />}
      {dialog === "insert" && <InsertTemplate {...shared} />}
      {dialog === "update" && <TemplateUpdate {...shared} />}
      {dialog === "function" && rule && <SaveFunction {...shared} rule={rule} />}
    </>
  );
}
