import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan } from "@tabler/icons-react";
import { useWorkspace } from "@/shared/workspace";
import { CancelDialog } from "./CancelDialog";
import { t } from "./en";
import type { RunChoice } from "./model";

/** The button of a list of runs, for all of its filter that are under way. */
export function CancelFiltered({ choice, count }: { choice: RunChoice; count: number }) {
  const { env, can } = useWorkspace();
  const [opened, { open, close }] = useDisclosure(false);
  if (!can("runs.operate", env)) return null;
  return (
    <>
      {count > 0 && (
        <Button variant="default" leftSection={<IconBan size={15} aria-hidden />} onClick={open}>
          {t("action.filter")}
        </Button>
      )}
      <CancelDialog
        of={{ kind: "filter", choice }}
        environment={env}
        opened={opened}
        onClose={close}
      />
    </>
  );
}
