import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useBlocker } from "@tanstack/react-router";
import { t } from "./en";
import type { DraftApi } from "./useDraft";

function askToLeave(): Promise<boolean> {
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title: t("leave.title"),
      children: <Text size="sm">{t("leave.text")}</Text>,
      labels: { confirm: t("leave.leave"), cancel: t("leave.stay") },
      confirmProps: { color: "red" },
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
      onClose: () => resolve(false),
    });
  });
}

/** Saves before another screen is opened, and asks when that fails. */
export function useLeaveGuard(draft: DraftApi, editable: boolean): void {
  useBlocker({
    disabled: !editable,
    enableBeforeUnload: false,
    shouldBlockFn: async ({ current, next }) => {
      if (current.pathname === next.pathname || draft.isSaved()) return false;
      await draft.flush();
      return draft.isSaved() ? false : !(await askToLeave());
    },
  });
}
