import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { openQuery, QuestionCard, QuestionList } from "@/features/approvals/list";
import { useWorkspace } from "@/shared/workspace";
import { t } from "./en";
import { Panel } from "./Panel";

const SHOWN = 3;

/** What flows ask people, answered right here; nothing where nothing is asked. */
export function Questions() {
  const { ws, env } = useWorkspace();
  const { data } = useQuery(openQuery(ws, env, SHOWN));
  if (!data || data.items.length === 0) return null;
  return (
    <Panel
      title={t("questions.title")}
      bare
      action={
        <Button
          size="compact-sm"
          variant="subtle"
          renderRoot={(props) => <Link to="/w/$ws/approvals" params={{ ws }} {...props} />}
        >
          {t("questions.all")}
        </Button>
      }
    >
      <QuestionList>
        {data.items.map((question) => (
          <QuestionCard key={question.id} question={question} />
        ))}
      </QuestionList>
    </Panel>
  );
}
