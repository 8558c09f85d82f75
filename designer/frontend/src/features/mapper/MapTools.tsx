import { ActionIcon, NativeSelect, Tooltip } from "@mantine/core";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { formatPercent } from "@/shared/time";
import { t } from "./en";
import classes from "./MapTools.module.css";
import type { MapPage } from "./pages";
import type { Zoom } from "./zoom";

/** How large the map is, and which part of it is shown. */
export function MapTools({
  zoom,
  pages,
  page,
  onPage,
}: {
  zoom: Zoom;
  pages: MapPage[];
  page: string | null;
  onPage: (key: string | null) => void;
}) {
  return (
    <fieldset className={classes.tools} aria-label={t("map.tools")}>
      <Tooltip label={t("map.smaller")}>
        <ActionIcon
          size={22}
          aria-label={t("map.smaller")}
          disabled={!zoom.canShrink}
          onClick={() => zoom.by(-1)}
        >
          <IconMinus size={14} />
        </ActionIcon>
      </Tooltip>
      <output className={classes.percent} aria-label={t("map.zoom")}>
        {formatPercent(zoom.percent)}
      </output>
      <Tooltip label={t("map.larger")}>
        <ActionIcon
          size={22}
          aria-label={t("map.larger")}
          disabled={!zoom.canGrow}
          onClick={() => zoom.by(1)}
        >
          <IconPlus size={14} />
        </ActionIcon>
      </Tooltip>
      {pages.length > 1 && (
        <NativeSelect
          size="xs"
          variant="unstyled"
          className={classes.pages}
          aria-label={t("map.page")}
          value={page ?? ""}
          onChange={(event) => onPage(event.currentTarget.value || null)}
          data={[
            { value: "", label: t("map.page_all") },
            ...pages.map(({ key, title, rules }) => ({
              value: key,
              label: rules > 0 ? `${title} (${rules})` : title,
            })),
          ]}
        />
      )}
    </fieldset>
  );
}
