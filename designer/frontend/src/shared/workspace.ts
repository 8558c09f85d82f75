/** Which workspace and environment the address of the page names, and what the person may do. */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import { meQuery } from "@/api/queries";
import type { Environment, Me, Workspace } from "@/api/types";

export interface WorkspaceView {
  /** Slug of the workspace, as the API's paths want it. */
  ws: string;
  /** Slug of the environment that is looked at. */
  env: string;
  workspace: Workspace | undefined;
  environments: Environment[];
  me: Me | undefined;
  /** True when the person's role has the right, such as "flows.edit", here or where named. */
  can: (right: string, environment?: string) => boolean;
}

export function isProduction(environment: string): boolean {
  return /^prod/.test(environment);
}

export function useWorkspace(): WorkspaceView {
  const { ws = "" } = useParams({ strict: false }) as { ws?: string };
  const { env } = useSearch({ strict: false }) as { env?: string };
  const { data: me } = useQuery(meQuery);
  const workspace = me?.workspaces.find((candidate) => candidate.slug === ws);
  const environments = workspace?.environments ?? [];
  const known = environments.find((candidate) => candidate.slug === env);
  const first = environments.find((candidate) => !isProduction(candidate.slug)) ?? environments[0];
  const current = known?.slug ?? first?.slug ?? env ?? "test";
  const can = useCallback(
    (right: string, environment = current) => {
      const place = workspace?.environments.find((candidate) => candidate.slug === environment);
      return (place?.rights ?? workspace?.rights ?? []).includes(right);
    },
    [workspace, current],
  );
  return {
    ws,
    env: current,
    workspace,
    environments,
    me,
    can,
  };
}

/** The search part of the address as plain texts, and a way to change some of them. */
export function useSearchState(): [
  Record<string, string | undefined>,
  (patch: Record<string, string | undefined>) => void,
] {
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const navigate = useNavigate();
  const change = useCallback(
    (patch: Record<string, string | undefined>) => {
      void navigate({
        to: ".",
        replace: true,
        search: (before: Record<string, string | undefined>) => {
          const after = { ...before, ...patch };
          for (const name of Object.keys(after)) if (!after[name]) delete after[name];
          return after;
        },
      });
    },
    [navigate],
  );
  return [search, change];
}
