import { Input, NativeSelect } from "@mantine/core";
import { branchById, branchTitle, joinBranch, setBranch, startBranch } from "./branches";
import { CommentField } from "./CommentField";
import { ConditionList } from "./ConditionBuilder";
import { t } from "./en";
import { useExprEnv } from "./exprEnv";
import { HOLE } from "./expressions";
import type { Branch, Rule } from "./types";
import type { MapperStore } from "./useMapper";

/** The branch a rule stands in: chosen, begun, or continued by "else if" and "otherwise". */
export function BranchPicker({ store, rule }: { store: MapperStore; rule: Rule }) {
  const env = useExprEnv();
  const { doc } = store;
  const branches = doc.branches ?? [];
  const names = { title: env.nameOf, fn: env.fnTitle };
  const titleOf = (branch: Branch): string => {
    if (branch.when || branch.title) return branchTitle(branch, names);
    const before = branchById(doc, branch.after);
    return t("rule.branch.else", { title: before ? branchTitle(before, names) : "" });
  };
  const current = branchById(doc, rule.branch);
  // Only the end of a chain goes on: two branches cannot both be the else of one.
  const ends = branches.filter((b) => b.when && !branches.some((other) => other.after === b.id));
  const choose = (value: string) => {
    if (value === "+") store.change(startBranch(doc, rule.id));
    else if (value.startsWith("+if:")) {
      store.change(startBranch(doc, rule.id, value.slice(4)));
    } else if (value.startsWith("+else:")) {
      store.change(startBranch(doc, rule.id, value.slice(6), true));
    } else store.change(joinBranch(doc, rule.id, value || undefined));
  };
  return (
    <>
      <NativeSelect
        size="xs"
        label={t("rule.branch")}
        value={rule.branch ?? ""}
        data={[
          { value: "", label: t("rule.branch.none") },
          ...branches.map((branch) => ({ value: branch.id, label: titleOf(branch) })),
          { value: "+", label: t("rule.branch.new") },
          ...ends.flatMap((branch) => {
            const title = titleOf(branch);
            return [
              { value: `+if:${branch.id}`, label: t("rule.branch.new_after", { title }) },
              { value: `+else:${branch.id}`, label: t("rule.branch.new_else", { title }) },
            ];
          }),
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {current?.when && (
        <Input.Wrapper size="xs" label={t("rule.branch.condition")} labelElement="div">
          <ConditionList
            label={t("rule.branch.condition")}
            value={current.when}
            onChange={(when) => store.change(setBranch(doc, current.id, { when: when ?? HOLE }))}
          />
        </Input.Wrapper>
      )}
      {current && (
        <CommentField
          label={t("rule.branch.name")}
          placeholder=""
          value={current.title ?? ""}
          onChange={(title) => store.change(setBranch(doc, current.id, { title }))}
        />
      )}
    </>
  );
}
