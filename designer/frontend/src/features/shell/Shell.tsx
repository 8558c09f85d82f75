import { ActionIcon, Box, Drawer, Group, Tooltip } from "@mantine/core";
import { useDisclosure, useLocalStorage, useMediaQuery } from "@mantine/hooks";
import {
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconMenu2,
} from "@tabler/icons-react";
import { Link, Outlet, useMatch } from "@tanstack/react-router";
import { useState } from "react";
import { SearchBox } from "@/features/search";
import { useNews } from "@/live";
import { isProduction, useWorkspace } from "@/shared/workspace";
import { EnvironmentSwitch } from "./EnvironmentSwitch";
import { t } from "./en";
import { LoggedOut } from "./LoggedOut";
import { Mark } from "./Mark";
import { Navigation } from "./Navigation";
import classes from "./Shell.module.css";
import { ThemeSwitch } from "./ThemeSwitch";
import { UserMenu } from "./UserMenu";
import { WorkspaceSwitch } from "./WorkspaceSwitch";

/** The frame of every screen: navigation left, workspace and environment on top. */
export function Shell() {
  const { ws, env } = useWorkspace();
  useNews(ws, env);
  const [narrow, setNarrow] = useLocalStorage({ key: "causeway.nav.narrow", defaultValue: false });
  const [drawer, { open, close }] = useDisclosure(false);
  // A canvas wants the width: there the navigation is narrow unless it was opened by hand.
  const onCanvas = Boolean(useMatch({ from: "/w/$ws/flows/$flowId", shouldThrow: false }));
  const [wideOnCanvas, setWideOnCanvas] = useState(false);
  const folded = onCanvas ? !wideOnCanvas : narrow;
  const fold = () => (onCanvas ? setWideOnCanvas(folded) : setNarrow(!narrow));
  const phone = useMediaQuery("(max-width: 48em)", false);
  return (
    <Box className={classes.shell} data-production={isProduction(env) || undefined}>
      <a href="#main" className={classes.skip}>
        {t("skip.main")}
      </a>
      <header className={classes.top}>
        <Group gap="xs" wrap="nowrap" miw={0}>
          {phone && (
            <ActionIcon onClick={open} aria-label={t("nav.open")}>
              <IconMenu2 size={18} />
            </ActionIcon>
          )}
          <Link
            to="/w/$ws/overview"
            params={{ ws }}
            className={classes.brand}
            aria-label="Causeway"
          >
            <Mark />
            <span className={classes.brandName}>Causeway</span>
          </Link>
          <WorkspaceSwitch />
          <EnvironmentSwitch />
        </Group>
        <Group gap={6} wrap="nowrap">
          <SearchBox />
          <ThemeSwitch />
          <UserMenu />
        </Group>
      </header>
      <div className={classes.body}>
        {!phone && (
          <aside className={classes.side} data-narrow={folded || undefined}>
            <Navigation narrow={folded} />
            <Tooltip label={folded ? t("nav.expand") : t("nav.collapse")} position="right">
              <ActionIcon
                className={classes.fold}
                aria-label={folded ? t("nav.expand") : t("nav.collapse")}
                onClick={fold}
              >
                {folded ? (
                  <IconLayoutSidebarLeftExpand size={18} stroke={1.6} />
                ) : (
                  <IconLayoutSidebarLeftCollapse size={18} stroke={1.6} />
                )}
              </ActionIcon>
            </Tooltip>
          </aside>
        )}
        <main id="main" className={classes.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <Drawer opened={drawer && Boolean(phone)} onClose={close} size={260} title={<Mark />}>
        <Navigation narrow={false} onNavigate={close} />
      </Drawer>
      <LoggedOut />
    </Box>
  );
}
