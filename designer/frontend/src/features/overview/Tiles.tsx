import { Link } from "@tanstack/react-router";
import type { Overview, RunStatus } from "@/api/types";
import { formatNumber, formatPercent } from "@/shared/time";
import { statusLook, type Tone } from "@/shared/ui";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { sum, throughPercent, underWay } from "./model";
import classes from "./OverviewPage.module.css";

interface TilesProps {
  counts: Overview["counts"];
  openErrors: number;
}

/** The numbers of the day; each leads to the runs behind it. */
export function Tiles({ counts, openErrors }: TilesProps) {
  const percent = throughPercent(counts);
  return (
    <ul className={classes.tiles} aria-label={t("tiles.label")}>
      <Tile
        word={t("tile.runs")}
        count={sum(counts)}
        note={
          percent === null
            ? t("tiles.period")
            : t("tile.share", { percent: formatPercent(percent) })
        }
      />
      <Tile
        word={t("tile.succeeded")}
        count={counts.succeeded ?? 0}
        note={t("tiles.period")}
        status="succeeded"
      />
      <Tile
        word={t("tile.waiting")}
        count={underWay(counts)}
        note={t("tiles.period")}
        status="running"
      />
      <Tile
        word={t("tile.failed")}
        count={counts.failed ?? 0}
        note={t("tiles.period")}
        status="failed"
      />
      {Boolean(counts.in_doubt) && (
        <Tile
          word={t("tile.doubt")}
          count={counts.in_doubt ?? 0}
          note={t("tiles.period")}
          status="in_doubt"
        />
      )}
      <Tile word={t("tile.errors")} count={openErrors} note={t("tiles.now")} errors />
    </ul>
  );
}

interface TileProps {
  word: string;
  count: number;
  note: string;
  status?: RunStatus;
  errors?: boolean;
}

function Tile({ word, count, note, status, errors }: TileProps) {
  const { ws } = useWorkspace();
  const look = statusLook(status ?? (errors ? "open" : "draft"));
  const loud = count > 0 && (status !== undefined || errors);
  const tone: Tone = loud ? look.tone : "grey";
  const Icon = look.icon;
  const filter = status === "running" ? undefined : status;
  return (
    <li>
      <Link
        to={errors ? "/w/$ws/errors" : "/w/$ws/runs"}
        params={{ ws }}
        search={(before: object) => ({ ...before, ...(filter && { status: filter }) })}
        className={classes.tile}
      >
        <span className={classes.tileWord}>
          {(status || errors) && (
            <Icon size={15} aria-hidden style={{ color: `var(--cw-${tone})` }} />
          )}
          {word}
        </span>
        <span className={classes.tileCount} style={loud ? { color: `var(--cw-${tone})` } : {}}>
          {formatNumber(count)}
        </span>
        <span className={classes.tileNote}>{note}</span>
      </Link>
    </li>
  );
}
