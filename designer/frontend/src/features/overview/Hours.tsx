import { SegmentedControl, Tooltip } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import type { Overview } from "@/api/types";
import { formatHour, formatNumber } from "@/shared/time";
import { t } from "./en";
import classes from "./Hours.module.css";
import { type Bar, barsOf, OUTCOMES, type Outcome, scaleOf } from "./hourly";
import { Panel } from "./Panel";

const LABEL_EVERY = 4;

/** How many runs began in each hour of the day, and what became of them. */
export function Hours({ hours }: { hours: Overview["hours"] }) {
  const [shown, setShown] = useLocalStorage<"chart" | "table">({
    key: "causeway.overview.hours",
    defaultValue: "chart",
  });
  const bars = barsOf(hours);
  const present = OUTCOMES.filter((outcome) => bars.some((bar) => bar.counts[outcome] > 0));
  if (present.length === 0) return null;
  return (
    <Panel
      title={t("hours.title")}
      action={
        <SegmentedControl
          size="xs"
          aria-label={t("hours.show")}
          value={shown}
          onChange={(value) => setShown(value as "chart" | "table")}
          data={[
            { value: "chart", label: <Sign icon={IconChartBar} word={t("hours.chart")} /> },
            { value: "table", label: <Sign icon={IconTable} word={t("hours.table")} /> },
          ]}
        />
      }
    >
      {shown === "chart" && <Chart bars={bars} present={present} />}
      <div className={shown === "chart" ? "cw-visually-hidden" : classes.scroll}>
        <Numbers bars={bars} present={present} />
      </div>
    </Panel>
  );
}

function Sign({ icon: Icon, word }: { icon: typeof IconTable; word: string }) {
  return (
    <span className={classes.sign}>
      <Icon size={14} aria-hidden />
      {word}
    </span>
  );
}

interface Shown {
  bars: readonly Bar[];
  present: readonly Outcome[];
}

/** For the eye alone; who cannot see it has the table. */
function Chart({ bars, present }: Shown) {
  const top = scaleOf(bars);
  return (
    <div className={classes.chart} aria-hidden>
      <div className={classes.plot}>
        {[top, top / 2].map((mark) => (
          <div key={mark} className={classes.mark} style={{ bottom: `${(mark / top) * 100}%` }}>
            <span>{formatNumber(mark)}</span>
          </div>
        ))}
        <div className={classes.bars}>
          {bars.map((bar, at) => (
            <Tooltip
              key={bar.at}
              disabled={bar.all === 0}
              label={
                <>
                  <strong>{spanOf(bars, at)}</strong>
                  {present.map(
                    (outcome) =>
                      bar.counts[outcome] > 0 && (
                        <div key={outcome}>
                          {t(`hours.${outcome}`)}: {formatNumber(bar.counts[outcome])}
                        </div>
                      ),
                  )}
                </>
              }
            >
              <div className={classes.slot}>
                {present.map(
                  (outcome) =>
                    bar.counts[outcome] > 0 && (
                      <div
                        key={outcome}
                        className={classes.part}
                        data-outcome={outcome}
                        style={{ height: `${(bar.counts[outcome] / top) * 100}%` }}
                      />
                    ),
                )}
              </div>
            </Tooltip>
          ))}
        </div>
      </div>
      <div className={classes.times}>
        {bars.map((bar, at) => (
          <span key={bar.at}>
            {at === bars.length - 1
              ? t("hours.now")
              : at % LABEL_EVERY === 0 && at < bars.length - 2
                ? formatHour(bar.at)
                : ""}
          </span>
        ))}
      </div>
      <ul className={classes.legend}>
        {present.map((outcome) => (
          <li key={outcome}>
            <i className={classes.part} data-outcome={outcome} />
            {t(`hours.${outcome}`)}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Numbers({ bars, present }: Shown) {
  return (
    <table className={classes.table}>
      <caption className="cw-visually-hidden">{t("hours.caption")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("hours.hour")}</th>
          {present.map((outcome) => (
            <th key={outcome} scope="col">
              {t(`hours.${outcome}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {bars.map(
          (bar, at) =>
            bar.all > 0 && (
              <tr key={bar.at}>
                <th scope="row">{spanOf(bars, at)}</th>
                {present.map((outcome) => (
                  <td key={outcome}>{formatNumber(bar.counts[outcome])}</td>
                ))}
              </tr>
            ),
        )}
      </tbody>
    </table>
  );
}

/** "2 PM – 3 PM"; the hour under way ends now. */
function spanOf(bars: readonly Bar[], at: number): string {
  const [bar, next] = [bars[at] as Bar, bars[at + 1]];
  return t("hours.span", {
    from: formatHour(bar.at),
    to: next ? formatHour(next.at) : t("hours.now"),
  });
}
