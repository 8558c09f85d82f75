import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { Pause } from "@/api/types";
import { TimeAgo } from "@/shared/time";
import { Notice } from "@/shared/ui/Notice";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type PauseOf, pausesQuery } from "./queries";
import { useResume } from "./usePausing";

/** Who holds it back, why, and the button that lets it go on. */
export function PauseNotice(props: {
  pause: Pause;
  environment: string;
  /** What it is about, where the screen does not say so anyway. */
  name?: string | undefined;
}) {
  const { pause, environment, name } = props;
  const { can } = useWorkspace();
  const resume = useResume();
  return (
    <Notice
      tone="amber"
      role="status"
      icon={<IconPlayerPause size={18} />}
      title={
        name && pause.kind !== "run"
          ? t(`banner.${pause.kind}.named`, { name })
          : t(`banner.${pause.kind}`)
      }
      actions={
        can("runs.operate", environment) && (
          <Button
            size="xs"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            loading={resume.isPending}
            onClick={() => resume.mutate(pause)}
          >
            {t("resume.action")}
          </Button>
        )
      }
    >
      {t("banner.by", {
        by: pause.by,
        reason: pause.reason && `: ${pause.reason.replace(/[.\s]+$/, "")}`,
      })}{" "}
      <TimeAgo at={pause.at} />. {t("banner.until")}
    </Notice>
  );
}

/** The notice about one flow or connection, while it is held back. */
export function PauseBanner(props: { of: PauseOf; environment: string; className?: string }) {
  const { of, environment, className } = props;
  const { ws } = useWorkspace();
  const { data = [] } = useQuery(pausesQuery(ws, environment, of));
  const [pause] = data;
  if (!pause) return null;
  return (
    <div className={className}>
      <PauseNotice pause={pause} environment={environment} />
    </div>
  );
}
