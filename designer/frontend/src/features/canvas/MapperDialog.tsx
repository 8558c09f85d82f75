import { LoadingOverlay } from "@mantine/core";
import { lazy, Suspense } from "react";
import { forgetDrawing, keepDrawing } from "@/features/mapper/kept";
import { type MappingSlot, useDesigner } from "./DesignerContext";
import { changeNode, nodeOf } from "./document";
import { asMapping } from "./inputRules";
import { describe } from "./nodeInfo";
import { useSources } from "./useSources";

const MapperModal = lazy(async () => ({
  default: (await import("@/features/mapper/Mapper")).MapperModal,
}));

export interface MapperPlace {
  nodeId: string;
  slot: MappingSlot;
}

/** A map step's target that no system describes: the mapper makes it. */
const isOwnTarget = (target: unknown): boolean =>
  !target || (typeof target === "object" && "schema" in target);

/** The two-tree mapper over the designer, for one mapping of one step. */
export function MapperDialog({ place, onClose }: { place: MapperPlace; onClose: () => void }) {
  const { ws, env, flow, document, change, readOnly, surroundings } = useDesigner();
  const sources = useSources(place.nodeId, place.slot);
  const node = nodeOf(document, place.nodeId);
  if (!node) return null;
  const info = describe(node, document, surroundings);
  const drawing = { workspace: ws, flowId: flow.id, nodeId: node.id, slot: place.slot };
  return (
    <Suspense fallback={<LoadingOverlay visible pos="fixed" zIndex={300} />}>
      <MapperModal
        opened
        readOnly={readOnly}
        workspace={ws}
        flowId={flow.id}
        document={document}
        nodeId={node.id}
        slot={place.slot}
        environment={env}
        targetSchema={sources.data?.target_schema ?? undefined}
        ownTarget={node.type === "map" && isOwnTarget(node.config.target)}
        mapping={asMapping(node.config[place.slot])}
        title={node.name}
        subtitle={info.kind}
        onCancel={() => {
          forgetDrawing(drawing);
          onClose();
        }}
        onSave={(mapping, schema) => {
          // Kept until the server has the draft: nobody's newer draft may take it away.
          keepDrawing(drawing, mapping, asMapping(node.config[place.slot]));
          change((before) =>
            changeNode(before, node.id, (old) => ({
              ...old,
              config: {
                ...old.config,
                [place.slot]: mapping,
                ...(schema ? { target: { schema } } : {}),
              },
            })),
          );
          onClose();
        }}
      />
    </Suspense>
  );
}
