import { Badge, Button, Skeleton, Tabs } from "@mantine/core";
import { IconFlask2, IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { EmptyState, Page, PageHeader, ProblemAlert } from "@/shared/ui";
import { Notice } from "@/shared/ui/Notice";
import { isProduction, useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { Faults } from "./Faults";
import { FaultsBanner } from "./FaultsBanner";
import { PlaceOrder } from "./PlaceOrder";
import { sandboxesQuery } from "./queries";
import { Records } from "./Records";
import classes from "./SandboxPage.module.css";
import { Traffic } from "./Traffic";
import { Upkeep } from "./Upkeep";

const TABS = ["order", "records", "traffic", "faults", "upkeep"] as const;

/** The vendors' copies: order something, look inside, make them misbehave. */
export function SandboxPage() {
  const { ws, env, environments } = useWorkspace();
  const rehearsal = environments.find(({ slug }) => !isProduction(slug));
  const [search, setSearch] = useSearchState();
  const { data: sandboxes, error, refetch } = useQuery(sandboxesQuery(ws));
  const tab = TABS.find((known) => known === search.tab) ?? "order";
  const active = sandboxes?.flatMap(({ faults }) => faults).filter((fault) => fault.active) ?? [];
  const down = sandboxes?.filter(({ up }) => !up) ?? [];

  return (
    <Page wide>
      <PageHeader title={t("page.title")} description={t("page.description")} />
      {error && !sandboxes ? (
        <ProblemAlert error={error} onRetry={() => void refetch()} />
      ) : !sandboxes ? (
        <Skeleton height={320} radius="lg" aria-busy="true" />
      ) : sandboxes.length === 0 ? (
        <EmptyState icon={IconFlask2} title={t("empty.title")}>
          {t("empty.text")}
        </EmptyState>
      ) : (
        <>
          <div className={classes.notices}>
            {down.map(({ slug, name }) => (
              <Notice
                key={slug}
                role="alert"
                tone="red"
                icon={<IconPlugConnectedX size={18} />}
                title={t("down.title", { name })}
              >
                {t("down.text")}
              </Notice>
            ))}
            {isProduction(env) && rehearsal && (
              <Notice
                tone="amber"
                icon={<IconFlask2 size={18} />}
                title={t("elsewhere.title", {
                  environment: environments.find(({ slug }) => slug === env)?.name ?? env,
                })}
                actions={
                  <Button size="xs" onClick={() => setSearch({ env: rehearsal.slug })}>
                    {t("elsewhere.go", { environment: rehearsal.name })}
                  </Button>
                }
              >
                {t("elsewhere.text")}
              </Notice>
            )}
            <FaultsBanner sandboxes={sandboxes} onShow={() => setSearch({ tab: "faults" })} />
          </div>
          <Tabs
            value={tab}
            keepMounted={false}
            onChange={(value) =>
              setSearch({
                tab: value === "order" ? undefined : (value ?? undefined),
                entity: undefined,
                page: undefined,
                q: undefined,
              })
            }
          >
            <Tabs.List mb="lg" aria-label={t("page.tabs")}>
              <Tabs.Tab value="order">{t("tab.order")}</Tabs.Tab>
              <Tabs.Tab value="records">{t("tab.records")}</Tabs.Tab>
              <Tabs.Tab value="traffic">{t("tab.traffic")}</Tabs.Tab>
              <Tabs.Tab
                value="faults"
                rightSection={
                  active.length > 0 && (
                    <Badge size="sm" color="yellow">
                      {active.length}
                    </Badge>
                  )
                }
              >
                {t("tab.faults")}
              </Tabs.Tab>
              <Tabs.Tab value="upkeep">{t("tab.upkeep")}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="order">
              <PlaceOrder />
            </Tabs.Panel>
            <Tabs.Panel value="records">
              <Records sandboxes={sandboxes} />
            </Tabs.Panel>
            <Tabs.Panel value="traffic">
              <Traffic sandboxes={sandboxes} />
            </Tabs.Panel>
            <Tabs.Panel value="faults">
              <Faults sandboxes={sandboxes} />
            </Tabs.Panel>
            <Tabs.Panel value="upkeep">
              <Upkeep sandboxes={sandboxes} />
            </Tabs.Panel>
          </Tabs>
        </>
      )}
    </Page>
  );
}
