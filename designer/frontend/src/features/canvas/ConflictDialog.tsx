import { Button, Modal, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, inWorkspace } from "@/api/client";
import type { Draft, Flow } from "@/api/types";
import { formatAgo } from "@/shared/time";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { useDesigner } from "./DesignerContext";
import { t } from "./en";

interface ConflictDialogProps {
  theirs: Draft | null;
  onTakeTheirs: (draft: Draft) => void;
}

export function personName(person: string | { name: string } | null | undefined): string {
  if (!person) return t("conflict.someone");
  return typeof person === "string" ? person : person.name;
}

/** Two people changed one draft: nothing is overwritten without a choice. */
export function ConflictDialog({ theirs, onTakeTheirs }: ConflictDialogProps) {
  const { ws, flow, document } = useDesigner();
  const navigate = useNavigate();
  const copy = useMutation({
    mutationFn: () =>
      api.post<Flow>(inWorkspace(ws, "/flows"), {
        name: t("conflict.copyName", { name: flow.name }),
        document,
      }),
    onSuccess: (made) => {
      if (theirs) onTakeTheirs(theirs);
      void navigate({ to: "/w/$ws/flows/$flowId", params: { ws, flowId: made.id } });
    },
  });
  return (
    <Modal
      opened={theirs !== null}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnClickOutside={false}
      closeOnEscape={false}
      title={t("conflict.title")}
      size={460}
    >
      {theirs && (
        <Stack gap="sm">
          <Text size="sm">
            {t("conflict.text", {
              name: personName(theirs.updated_by),
              when: formatAgo(theirs.updated_at),
            })}
          </Text>
          <ProblemAlert error={copy.error} />
          <Choice
            title={t("conflict.copy")}
            text={t("conflict.copyText")}
            primary
            loading={copy.isPending}
            onClick={() => copy.mutate()}
          />
          <Choice
            title={t("conflict.theirs")}
            text={t("conflict.theirsText")}
            onClick={() => onTakeTheirs(theirs)}
          />
        </Stack>
      )}
    </Modal>
  );
}

function Choice(props: {
  title: string;
  text: string;
  primary?: boolean;
  loading?: boolean;
  onClick: () => void;
}) {
  return (
    <div>
      <Button
        fullWidth
        variant={props.primary ? "filled" : "default"}
        loading={props.loading}
        onClick={props.onClick}
      >
        {props.title}
      </Button>
      <Text size="xs" c="dimmed" mt={4} ta="center">
        {props.text}
      </Text>
    </div>
  );
}
