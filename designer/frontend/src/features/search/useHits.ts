import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { connectionsQuery, flowsQuery } from "@/api/queries";
import { referencesQuery, tablesQuery } from "@/features/lookups/queries";
import { happened, runsQuery } from "@/features/runs/list";
import { SCREENS } from "@/features/shell/screens";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type Hit, matching } from "./model";

const SHORTEST_KEY = 2;
const MOST_RUNS = 6;
const MOST_REFERENCES = 4;

export interface Found {
  hits: Hit[];
  busy: boolean;
  problem: Error | null;
}

/** What stands for ``typed`` at once, and for ``asked`` as soon as the server has answered. */
export function useHits(typed: string, asked: string, opened: boolean): Found {
  const { ws, env, can } = useWorkspace();
  const commands = useCommands();
  const flows = useQuery({ ...flowsQuery(ws), enabled: opened && can("flows.view") });
  const connections = useQuery({
    ...connectionsQuery(ws, env),
    enabled: opened && can("connections.view"),
  });
  const tables = useQuery({ ...tablesQuery(ws, env), enabled: opened && can("lookups.view") });
  const long = asked.length >= SHORTEST_KEY;
  const runs = useInfiniteQuery({
    ...runsQuery(ws, env, { q: asked }),
    enabled: opened && long && can("runs.view"),
  });
  const references = useInfiniteQuery({
    ...referencesQuery(ws, env, { q: asked }),
    enabled: opened && long && can("lookups.view"),
  });

  const screens: Hit[] = SCREENS.filter(({ needs }) => can(needs)).map(({ path, label }) => ({
    id: `screen ${path}`,
    group: "screens",
    title: label,
    path,
  }));
  const named: Hit[] = [
    ...matching(
      (flows.data ?? []).map(({ id, name }) => ({
        id: `flow ${id}`,
        group: "flows",
        title: name,
        path: `/flows/${id}`,
      })),
      typed,
    ),
    ...matching(
      (connections.data ?? []).map(({ id, name }) => ({
        id: `connection ${id}`,
        group: "connections",
        title: name,
        path: `/connections/${id}`,
      })),
      typed,
    ),
    ...matching(
      (tables.data ?? []).map(({ id, name }) => ({
        id: `table ${id}`,
        group: "tables",
        title: name,
        path: `/lookups/${id}`,
      })),
      typed,
    ),
  ];
  const matchedScreens = typed ? matching(screens, typed) : screens;
  const hits = [
    ...(typed.length >= SHORTEST_KEY && long ? documents() : []),
    ...(typed ? named : []),
    ...matching(commands, typed),
    ...matchedScreens,
  ];
  return {
    hits,
    busy: typed !== asked || (long && (runs.isFetching || references.isFetching)),
    problem: runs.error,
  };

  function documents(): Hit[] {
    const page = runs.isPlaceholderData ? undefined : runs.data?.pages[0];
    const rows = page?.items ?? [];
    const pairs = references.data?.pages[0]?.items ?? [];
    const more: Hit[] =
      rows.length > MOST_RUNS
        ? [
            {
              id: "all runs",
              group: "runs",
              title: t("hit.allRuns", { text: asked }),
              path: "/runs",
              search: { q: asked },
            },
          ]
        : [];
    const called = (slug: string) =>
      connections.data?.find((connection) => connection.slug === slug)?.name ?? slug;
    return [
      ...rows.slice(0, MOST_RUNS).map(
        (run): Hit => ({
          id: `run ${run.id}`,
          group: "runs",
          title: run.business_key || run.id,
          detail: `${run.flow.name} · ${happened(run)}`,
          status: run.status,
          path: `/runs/${run.id}`,
        }),
      ),
      ...more,
      ...pairs.slice(0, MOST_REFERENCES).map(
        (pair): Hit => ({
          id: `reference ${pair.id}`,
          group: "references",
          title: t("hit.reference", {
            entity: sentence(pair.entity),
            left: pair.left.id,
            right: pair.right.id,
          }),
          detail: t(pair.run_id ? "hit.reference.where" : "hit.reference.hand", {
            left: called(pair.left.connection),
            right: called(pair.right.connection),
          }),
          // The run that made the pair tells its whole story.
          ...(pair.run_id
            ? { path: `/runs/${pair.run_id}` }
            : { path: "/references", search: { q: asked } }),
        }),
      ),
    ];
  }
}

function sentence(word: string): string {
  const plain = word.replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

function useCommands(): Hit[] {
  const { can } = useWorkspace();
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme("light") === "dark" ? "light" : "dark";
  const all: (Hit & { needs?: string })[] = [
    {
      id: "do order",
      group: "commands",
      title: t("command.order"),
      path: "/sandbox",
      needs: "sandbox.use",
    },
    {
      id: "do connect",
      group: "commands",
      title: t("command.connect"),
      path: "/connections",
      search: { add: "any" },
      needs: "connections.edit",
    },
    {
      id: "do theme",
      group: "commands",
      title: t(`command.theme.${other}`),
      act: () => setColorScheme(other),
    },
  ];
  return all.filter(({ needs }) => !needs || can(needs));
}
