import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useBlocker } from "@tanstack/react-router";
import { t } from "./en";

/** Asks before another screen is opened while edits are not saved. */
export function useLeaveGuard(unsaved: boolean): void {
  useBlocker({
    disabled: !unsaved,
    enableBeforeUnload: () => unsaved,
    shouldBlockFn: ({ current, next }) =>
      current.pathname === next.pathname ? false : ask().then((leave) => !leave),
  });
}

function ask(): Promise<boolean> {
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title: t("leave.title"),
      children: <Text size="sm">{t("leave.text")}</Text>,
      labels: { confirm: t("leave.leave"), cancel: t("leave.stay") },
      confirmProps: { color: "red.8" },
      onConfirm: () => resolve(true),
      onCancel: () => resolve(false),
      onClose: () => resolve(false),
    });
  });
}
