import { Badge, Button, Center, Group, Text } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { t as tUi } from "@/shared/i18n/ui.en";
import { TimeAgo } from "@/shared/time";
import { t } from "./en";
import classes from "./lookups.module.css";
import type { Version } from "./queries";

interface VersionListProps<V extends Version> {
  versions: readonly V[];
  /** What the newest version is called; the others can be gone back to. */
  current: number;
  editable: boolean;
  /** Something to say at the end of a version's line of facts. */
  fact?: (version: V) => string;
  changes: (version: V) => ReactNode;
  /** Whether a version shows what it changed; the first of a table is all of it. */
  hasChanges?: (version: V) => boolean;
  onBack: (number: number) => void;
  more: { has: boolean; loading: boolean; load: () => void };
  children?: ReactNode;
}

/** Every save: who, why, what changed, and the way back. */
export function VersionList<V extends Version>(props: VersionListProps<V>) {
  const { versions, current, editable, fact, changes, more } = props;
  const [shown, setShown] = useState<number | null>(null);
  return (
    <>
      <ol className={classes.versions} aria-label={t("versions.label")} reversed>
        {versions.map((version) => (
          <li key={version.number} className={classes.version}>
            <div className={classes.versionHead}>
              <div className={classes.versionWords}>
                <Group gap={8}>
                  <b>{t("one.version", { number: version.number })}</b>
                  {version.number === current && <Badge>{t("versions.current")}</Badge>}
                  <Counts version={version} />
                </Group>
                <Text size="sm">{version.note || t(`action.${version.action}`)}</Text>
                <Text size="xs" c="dimmed">
                  {version.note ? `${t(`action.${version.action}`)} · ` : ""}
                  {version.author} · <TimeAgo at={version.created_at} />
                  {fact ? ` · ${fact(version)}` : ""}
                </Text>
              </div>
              <Group gap="xs">
                {(props.hasChanges?.(version) ?? true) && (
                  <Button
                    size="xs"
                    variant="default"
                    aria-expanded={shown === version.number}
                    onClick={() => setShown(shown === version.number ? null : version.number)}
                  >
                    {t("versions.view")}
                  </Button>
                )}
                {editable && version.number !== current && (
                  <Button size="xs" variant="default" onClick={() => props.onBack(version.number)}>
                    {t("versions.back")}
                  </Button>
                )}
              </Group>
            </div>
            {shown === version.number && <div className={classes.changes}>{changes(version)}</div>}
          </li>
        ))}
        {props.children}
      </ol>
      {more.has && (
        <Center py="sm">
          <Button variant="subtle" loading={more.loading} onClick={more.load}>
            {tUi("table.more")}
          </Button>
        </Center>
      )}
    </>
  );
}

function Counts({ version }: { version: Version }) {
  return (
    <>
      {(["added", "changed", "removed"] as const)
        .filter((kind) => version[kind] > 0)
        .map((kind) => (
          <span key={kind} className={classes.count} data-diff={kind}>
            {t(`diff.${kind}`, { count: version[kind] })}
          </span>
        ))}
    </>
  );
}
