import { Skeleton } from "@mantine/core";
import type { ReactNode } from "react";
import { Page } from "./Page";
import { ProblemAlert } from "./ProblemAlert";

interface LoadedPageProps<T> {
  query: { data: T | undefined; error: Error | null; refetch: () => unknown };
  /** As wide as the page that comes. */
  wide?: boolean;
  children: (data: T) => ReactNode;
}

/** A page about one thing: what it is made of once that is there; until then its outline. */
export function LoadedPage<T>({ query, wide = false, children }: LoadedPageProps<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  return (
    <Page wide={wide}>
      {query.error ? (
        <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton height={320} radius="lg" aria-busy="true" />
      )}
    </Page>
  );
}
