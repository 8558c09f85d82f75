/** The screens of the bar at the left, in its order; the search box offers them too. */

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
import { t } from "./en";

export interface ScreenEntry {
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
  /** Address inside the workspace. */
  path: string;
  label: string;
  icon: TablerIcon;
  /** What a person must be allowed to do to find anything there. */
  needs: string;
}

const entry = (
  name: ScreenEntry["to"],
  label: string,
  icon: TablerIcon,
  needs: string,
): ScreenEntry => ({ to: name, path: name.replace("/w/$ws", ""), label, icon, needs });

export const SCREENS: readonly ScreenEntry[] = [
  entry("/w/$ws/overview", t("nav.overview"), IconLayoutDashboard, "runs.view"),
  entry("/w/$ws/flows", t("nav.flows"), IconRoute, "flows.view"),
  entry("/w/$ws/runs", t("nav.runs"), IconActivity, "runs.view"),
  entry("/w/$ws/errors", t("nav.errors"), IconAlertOctagon, "runs.view"),
  entry("/w/$ws/approvals", t("nav.approvals"), IconUserQuestion, "runs.view"),
  entry("/w/$ws/connections", t("nav.connections"), IconPlugConnected, "connections.view"),
  entry("/w/$ws/lookups", t("nav.lookups"), IconTable, "lookups.view"),
  entry("/w/$ws/references", t("nav.references"), IconArrowsExchange, "lookups.view"),
  entry("/w/$ws/sandbox", t("nav.sandbox"), IconFlask2, "sandbox.view"),
  entry("/w/$ws/settings", t("nav.settings"), IconSettings, "settings.view"),
];
