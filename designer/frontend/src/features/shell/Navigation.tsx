import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { forYouQuery } from "@/features/approvals/list";
import { useDeadLetterCount } from "@/live";
import { formatNumber } from "@/shared/time";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import classes from "./Shell.module.css";
import { SCREENS, type ScreenEntry } from "./screens";

export function Navigation({ narrow, onNavigate }: { narrow: boolean; onNavigate?: () => void }) {
  const { ws, env, can } = useWorkspace();
  const open = useDeadLetterCount(ws, env) ?? 0;
  const { data: asked = 0 } = useQuery({ ...forYouQuery(ws, env), enabled: can("runs.view") });
  const counts: Partial<Record<ScreenEntry["to"], [number, string]>> = {
    "/w/$ws/errors": [open, t("nav.errorsCount", { count: open })],
    "/w/$ws/approvals": [asked, t("nav.approvalsCount", { count: asked })],
  };
  return (
    <nav aria-label={t("nav.label")}>
      <ul className={classes.nav}>
        {SCREENS.filter((item) => can(item.needs)).map(({ to, label, icon: Icon }) => {
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
