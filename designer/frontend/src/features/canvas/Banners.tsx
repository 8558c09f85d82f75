import { PauseBanner } from "@/features/pauses";
import { MissedBanner } from "@/features/triggers/MissedBanner";
import type { TriggerState } from "@/features/triggers/queries";
import { useWorkspace } from "@/shared/workspace";
import classes from "./DesignerPage.module.css";

interface BannersProps {
  flow: string;
  env: string;
  trigger: TriggerState | null | undefined;
}

/** What holds the live flow back, and what came while it was switched off. */
export function Banners({ flow, env, trigger }: BannersProps) {
  const { ws, can } = useWorkspace();
  return (
    <>
      <PauseBanner
        of={{ kind: "flow", ref: flow }}
        environment={env}
        className={classes.notice ?? ""}
      />
      {trigger && trigger.missed > 0 && (
        <div className={classes.notice}>
          <MissedBanner ws={ws} state={trigger} mayAct={can("runs.operate")} />
        </div>
      )}
    </>
  );
}
