import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { connectionsQuery } from "@/api/queries";
import type { DeadLetter } from "@/api/types";
import { tablesQuery } from "@/features/lookups/queries";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";

const TABLE = ["add_key", "map_code", "add_rate"];

/** Leads to where the suggestion can be carried out, if that is a screen of ours. */
export function SuggestionLink({ record }: { record: DeadLetter }) {
  const { do: what, table, connection } = record.suggestion ?? { do: "" };
  if (TABLE.includes(what)) return <TableLink name={table ?? ""} env={record.environment} />;
  if (what === "reconnect" && connection) {
    return <ConnectionLink slug={connection} env={record.environment} />;
  }
  return what === "publish" ? <FlowLink id={record.flow.id} /> : null;
}

function TableLink({ name, env }: { name: string; env: string }) {
  const { ws } = useWorkspace();
  const { data = [] } = useQuery(tablesQuery(ws, env));
  const found = data.find((table) => table.slug === name || table.name === name);
  return (
    <Button
      size="xs"
      variant="light"
      renderRoot={(props) =>
        found ? (
          <Link
            to="/w/$ws/lookups/$tableId"
            params={{ ws, tableId: found.id }}
            search={{ env }}
            {...props}
          />
        ) : (
          <Link to="/w/$ws/lookups" params={{ ws }} search={{ env }} {...props} />
        )
      }
    >
      {found ? t("suggest.table") : t("suggest.tables")}
    </Button>
  );
}

function ConnectionLink({ slug, env }: { slug: string; env: string }) {
  const { ws } = useWorkspace();
  const { data = [] } = useQuery(connectionsQuery(ws, env));
  const found = data.find((connection) => connection.slug === slug);
  if (!found) return null;
  return (
    <Button
      size="xs"
      variant="light"
      renderRoot={(props) => (
        <Link
          to="/w/$ws/connections/$connectionId"
          params={{ ws, connectionId: found.id }}
          search={{ env }}
          {...props}
        />
      )}
    >
      {t("suggest.connection")}
    </Button>
  );
}

function FlowLink({ id }: { id: string }) {
  const { ws } = useWorkspace();
  return (
    <Button
      size="xs"
      variant="light"
      renderRoot={(props) => (
        <Link to="/w/$ws/flows/$flowId" params={{ ws, flowId: id }} {...props} />
      )}
    >
      {t("suggest.flow")}
    </Button>
  );
}
