import { Button, SimpleGrid, Skeleton, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus, IconRoute, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { flowsQuery } from "@/api/queries";
import { EmptyState } from "@/shared/ui/EmptyState";
import { Page } from "@/shared/ui/Page";
import { PageHeader } from "@/shared/ui/PageHeader";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { CreateFlowDialog } from "./CreateFlowDialog";
import { t } from "./en";
import { FlowCard } from "./FlowCard";

/** All flows of the workspace, as cards. */
export function FlowsPage() {
  const { ws, can } = useWorkspace();
  const flows = useQuery(flowsQuery(ws));
  const [search, setSearch] = useSearchState();
  const [creating, create] = useDisclosure(false);
  const query = (search.q ?? "").toLowerCase();
  const shown = flows.data?.filter((flow) =>
    `${flow.name} ${flow.description}`.toLowerCase().includes(query),
  );
  const button = can("flows.edit") && (
    <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={create.open}>
      {t("flows.new")}
    </Button>
  );
  return (
    <Page>
      <PageHeader
        title={t("flows.title")}
        description={t("flows.description")}
        actions={
          flows.data && flows.data.length > 0 ? (
            <>
              <TextInput
                aria-label={t("flows.search")}
                placeholder={t("flows.search")}
                leftSection={<IconSearch size={15} aria-hidden />}
                value={search.q ?? ""}
                onChange={(event) => setSearch({ q: event.currentTarget.value })}
              />
              {button}
            </>
          ) : null
        }
      />
      <ProblemAlert error={flows.error} onRetry={() => void flows.refetch()} />
      {flows.isPending && (
        <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md" aria-busy="true">
          {["a", "b", "c"].map((key) => (
            <Skeleton key={key} height={172} radius="lg" />
          ))}
        </SimpleGrid>
      )}
      {flows.data?.length === 0 && (
        <EmptyState icon={IconRoute} title={t("flows.empty.title")} action={button}>
          {t("flows.empty.text")}
        </EmptyState>
      )}
      {shown?.length === 0 && query && (
        <EmptyState compact icon={IconSearch} title={t("flows.noneFound", { query })}>
          {t("flows.noneFoundText")}
        </EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="md">
        {shown?.map((flow) => (
          <FlowCard key={flow.id} flow={flow} />
        ))}
      </SimpleGrid>
      <CreateFlowDialog opened={creating} onClose={create.close} />
    </Page>
  );
}
