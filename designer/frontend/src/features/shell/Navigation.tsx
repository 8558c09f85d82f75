import { Tooltip } from "@mantine/core";
import {
  IconActivity,
  IconAlertOctagon,
  IconArrowsExchange,
  IconFlask2,
  IconLayoutDashboard,
  IconPlugConnected,
  IconRoute,
  IconSettings,
  IconTable,
  IconUserQuestion,
  type TablerIcon,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { forYouQuery } from "@/features/approvals/list";
import { useDeadLetterCount } from "@/live";
import { formatNumber } from "@/shared/time";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./Shell.module.css";

interface Item {
  to:
    | "/w/$ws/overview"
    | "/w/$ws/flows"
    | "/w/$ws/runs"
    | "/w/$ws/errors"
    | "/w/$ws/approvals"
    | "/w/$ws/connections"
    | "/w/$ws/lookups"
    | "/w/$ws/references"
    | "/w/$ws/sandbox"
    | "/w/$ws/settings";
  label: string;
  icon: TablerIcon;
  /** What a person must be allowed to do to find anything there. */
  needs: string;
}

const ITEMS: Item[] = [
  {
    to: "/w/$ws/overview",
    label: t("nav.overview"),
    icon: IconLayoutDashboard,
    needs: "runs.view",
  },
  { to: "/w/$ws/flows", label: t("nav.flows"), icon: IconRoute, needs: "flows.view" },
  { to: "/w/$ws/runs", label: t("nav.runs"), icon: IconActivity, needs: "runs.view" },
  { to: "/w/$ws/errors", label: t("nav.errors"), icon: IconAlertOctagon, needs: "runs.view" },
  {
    to: "/w/$ws/approvals",
    label: t("nav.approvals"),
    icon: IconUserQuestion,
    needs: "runs.view",
  },
  {
    to: "/w/$ws/connections",
    label: t("nav.connections"),
    icon: IconPlugConnected,
    needs: "connections.view",
  },
  { to: "/w/$ws/lookups", label: t("nav.lookups"), icon: IconTable, needs: "lookups.view" },
  {
    to: "/w/$ws/references",
    label: t("nav.references"),
    icon: IconArrowsExchange,
    needs: "lookups.view",
  },
  { to: "/w/$ws/sandbox", label: t("nav.sandbox"), icon: IconFlask2, needs: "sandbox.view" },
  { to: "/w/$ws/settings", label: t("nav.settings"), icon: IconSettings, needs: "settings.view" },
];

export function Navigation({ narrow, onNavigate }: { narrow: boolean; onNavigate?: () => void }) {
  const { ws, env, can } = useWorkspace();
  const open = useDeadLetterCount(ws, env) ?? 0;
  const { data: asked = 0 } = useQuery({ ...forYouQuery(ws, env), enabled: can("runs.view") });
  const counts: Partial<Record<Item["to"], [number, string]>> = {
    "/w/$ws/errors": [open, t("nav.errorsCount", { count: open })],
    "/w/$ws/approvals": [asked, t("nav.approvalsCount", { count: asked })],
  };
  return (
    <nav aria-label={t("nav.label")}>
      <ul className={classes.nav}>
        {ITEMS.filter((item) => can(item.needs)).map(({ to, label, icon: Icon }) => {
          const [count, words] = counts[to] ?? [0, ""];
          return (
            <li key={to}>
              <Tooltip label={label} position="right" disabled={!narrow}>
                <Link
                  to={to}
                  params={{ ws }}
                  search={{ env }}
                  activeOptions={{ includeSearch: false }}
                  className={classes.item}
                  aria-label={narrow ? label : undefined}
                  onClick={onNavigate}
                >
                  <Icon size={18} stroke={1.7} aria-hidden style={{ flex: "none" }} />
                  {!narrow && label}
                  {count > 0 && (
                    <span
                      className={narrow ? classes.countDot : classes.count}
                      role="status"
                      aria-label={words}
                    >
                      {narrow ? "" : formatNumber(count)}
                    </span>
                  )}
                </Link>
              </Tooltip>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
