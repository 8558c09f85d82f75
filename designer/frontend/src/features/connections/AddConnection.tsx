import { Modal, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ProblemAlert } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { Catalogue } from "./Catalogue";
import { t } from "./en";
import type { Entry } from "./model";
import { NewConnection } from "./NewConnection";
import { connectorQuery } from "./queries";

interface AddConnectionProps {
  opened: boolean;
  /** Slug of the chosen connector; null shows the catalogue. */
  chosen: string | null;
  /** The same connection in another environment, whose name the new one takes. */
  twin: Entry | undefined;
  onChoose: (slug: string | null) => void;
  onClose: () => void;
}

/** The catalogue of connectors, then a form made from what the chosen one needs. */
export function AddConnection({ opened, chosen, twin, onChoose, onClose }: AddConnectionProps) {
  const { ws, env } = useWorkspace();
  const connector = useQuery({ ...connectorQuery(ws, chosen ?? ""), enabled: chosen !== null });
  const title =
    chosen && connector.data ? t("add.title.for", { name: connector.data.name }) : t("add.title");
  return (
    <Modal opened={opened} onClose={onClose} title={title} size={chosen ? 940 : 820}>
      {chosen === null ? (
        <Catalogue onChoose={onChoose} />
      ) : connector.error ? (
        <ProblemAlert error={connector.error} onRetry={() => void connector.refetch()} />
      ) : connector.data ? (
        <NewConnection
          key={`${connector.data.slug} ${env}`}
          connector={connector.data}
          twin={twin}
          onBack={() => onChoose(null)}
          onClose={onClose}
        />
      ) : (
        <Skeleton height={220} radius="md" />
      )}
    </Modal>
  );
}
