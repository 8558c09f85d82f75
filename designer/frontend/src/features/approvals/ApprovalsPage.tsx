import { Button, Center, SegmentedControl, Skeleton, Stack } from "@mantine/core";
import { IconUserQuestion } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { EmptyState, Page, PageHeader, ProblemAlert } from "@/shared/ui";
import { useSearchState, useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { type Show, showOf } from "./model";
import { QuestionCard, QuestionList } from "./QuestionCard";
import { approvalsQuery } from "./queries";

const SHOWS: readonly Show[] = ["open", "me", "answered"];

/** Every question of the environment: waiting, those for the reader, answered. */
export function ApprovalsPage() {
  const { ws, env } = useWorkspace();
  const [search, setSearch] = useSearchState();
  const show = showOf(search);
  const list = useInfiniteQuery(approvalsQuery(ws, env, show));
  const questions = list.data?.pages.flatMap((page) => page.items);
  return (
    <Page>
      <PageHeader title={t("page.title")} description={t("page.description")} />
      <SegmentedControl
        mb="md"
        aria-label={t("show")}
        data={SHOWS.map((value) => ({ value, label: t(`show.${value}`) }))}
        value={show}
        onChange={(value) => setSearch({ show: value === "open" ? undefined : value })}
      />
      {list.error && !list.data ? (
        <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />
      ) : questions === undefined ? (
        <Stack gap="sm" aria-busy="true">
          <Skeleton height={84} radius="lg" />
          <Skeleton height={84} radius="lg" />
        </Stack>
      ) : questions.length === 0 ? (
        <EmptyState icon={IconUserQuestion} title={t(`${show}.none.title`)}>
          {t(`${show}.none`)}
        </EmptyState>
      ) : (
        <QuestionList>
          {questions.map((question) => (
            <QuestionCard key={question.id} question={question} />
          ))}
        </QuestionList>
      )}
      {list.hasNextPage && (
        <Center py="sm">
          <Button
            variant="subtle"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t("more")}
          </Button>
        </Center>
      )}
    </Page>
  );
}
