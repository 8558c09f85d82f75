import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ReactFlowProvider } from "@xyflow/react";
import { flowQuery } from "@/api/queries";
import { Page } from "@/shared/ui/Page";
import { ProblemAlert } from "@/shared/ui/ProblemAlert";
import { useWorkspace } from "@/shared/workspace";
import classes from "./DesignerPage.module.css";
import { DesignerScreen } from "./DesignerScreen";

/** The screen on which a flow is drawn, tested and published. */
export function DesignerPage() {
  const { ws } = useWorkspace();
  const { flowId } = useParams({ from: "/w/$ws/flows/$flowId" });
  // The draft is read anew on every visit: an old copy would only lead to a conflict.
  const flow = useQuery({ ...flowQuery(ws, flowId), staleTime: 0, refetchOnWindowFocus: false });
  if (flow.error && !flow.data) {
    return (
      <Page>
        <ProblemAlert error={flow.error} onRetry={() => void flow.refetch()} />
      </Page>
    );
  }
  if (!flow.data || !flow.isFetchedAfterMount) return <DesignerSkeleton />;
  return (
    <ReactFlowProvider key={flow.data.id}>
      <DesignerScreen flow={flow.data} />
    </ReactFlowProvider>
  );
}

function DesignerSkeleton() {
  return (
    <div className={classes.screen} aria-busy="true">
      <div style={{ display: "flex", gap: 12, padding: 12 }}>
        <Skeleton height={26} width={220} />
      </div>
      <div className={classes.middle}>
        <div className={classes.palette} style={{ padding: 14 }}>
          <Skeleton height={30} mb={14} />
          <Skeleton height={18} mb={10} />
          <Skeleton height={18} mb={10} />
          <Skeleton height={18} />
        </div>
        <div className={classes.centre} />
      </div>
    </div>
  );
}
