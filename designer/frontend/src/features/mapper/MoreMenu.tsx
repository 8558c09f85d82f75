import { ActionIcon, Menu } from "@mantine/core";
import {
  IconDots,
  IconFileSpreadsheet,
  IconFileTypeCsv,
  IconFocusCentered,
  IconFunction,
  IconPrinter,
  IconRefresh,
  IconTemplate,
} from "@tabler/icons-react";
import { useState } from "react";
import { fileAddress } from "@/api/client";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { isHole } from "./expressions";
import { valueRule } from "./model";
import { SaveFunction } from "./SaveFunction";
import { download, printPage, sheetCsv, sheetPage, sheetRows } from "./sheet";
import { InsertTemplate, SaveTemplate, UpdateFromTemplate } from "./TemplateDialogs";
import type { Preview, Sample } from "./types";
import type { MapperStore } from "./useMapper";
import type { MapperPlace } from "./usePreview";

type Dialog = "save" | "insert" | "update" | "function" | null;

/** What is done with a mapping as a whole: templates, functions, documents for sign-off, focus. */
export function MoreMenu({
  workspace,
  place,
  store,
  title,
  preview,
  sample,
  focus,
  onFocus,
}: {
  workspace: string;
  place: MapperPlace;
  store: MapperStore;
  title: string;
  preview: Preview | undefined;
  sample: Sample | null;
  focus: boolean;
  onFocus: (focus: boolean) => void;
}) {
  const env = useExprEnv();
  const [dialog, setDialog] = useState<Dialog>(null);
  const { doc, selected } = store;
  const rule = selected === null ? undefined : valueRule(doc, selected);
  const rows = () => sheetRows(doc, preview, { title: env.titleOf, fn: env.fnTitle });
  const close = () => setDialog(null);
  const shared = { workspace, store, onClose: close };
  return (
    <>
      <Menu position="bottom-end" width={300} withinPortal>
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
            leftSection={<IconTemplate size={15} stroke={1.7} aria-hidden />}
            onClick={() => setDialog("insert")}
          >
            {t("more.template_insert")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconTemplate size={15} stroke={1.7} aria-hidden />}
            disabled={doc.rules.length === 0}
            onClick={() => setDialog("save")}
          >
            {t("more.template_save")}
          </Menu.Item>
          {doc.template && (
            <Menu.Item
              leftSection={<IconRefresh size={15} stroke={1.7} aria-hidden />}
              onClick={() => setDialog("update")}
            >
              {t("more.template_update")}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconFunction size={15} stroke={1.7} aria-hidden />}
            disabled={!rule || isHole(rule.expr)}
            onClick={() => setDialog("function")}
          >
            {t("more.function")}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconPrinter size={15} stroke={1.7} aria-hidden />}
            onClick={() => printPage(sheetPage(title, sample?.title ?? "–", rows()))}
          >
            {t("more.print")}
          </Menu.Item>
          <Menu.Item
            component="a"
            download
            href={fileAddress(
              workspace,
              `/flows/${encodeURIComponent(place.flowId)}/mapping-sheet`,
              { node_id: place.nodeId, mapping_name: place.slot },
            )}
            leftSection={<IconFileSpreadsheet size={15} stroke={1.7} aria-hidden />}
          >
            {t("more.sheet")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconFileTypeCsv size={15} stroke={1.7} aria-hidden />}
            onClick={() => download("mapping.csv", "text/csv;charset=utf-8", sheetCsv(rows()))}
          >
            {t("more.csv")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {dialog === "save" && <SaveTemplate {...shared} />}
      {dialog === "insert" && <InsertTemplate {...shared} />}
      {dialog === "update" && <UpdateFromTemplate {...shared} />}
      {dialog === "function" && rule && <SaveFunction {...shared} rule={rule} />}
    </>
  );
}
