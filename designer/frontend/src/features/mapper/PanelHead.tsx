import { SegmentedControl } from "@mantine/core";
import type { ReactNode } from "react";
import { Search } from "./Search";
import classes from "./Stage.module.css";

interface PanelHeadProps<Filter extends string> {
  title: string;
  /** What the search is called. */
  label: string;
  search: string;
  onSearch: (text: string) => void;
  /** Enter in the search. */
  onEnter: () => void;
  filterLabel: string;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  filters: { value: Filter; label: ReactNode }[];
  children?: ReactNode;
}

/** What stands over a tree: its name, its search and its filters. */
export function PanelHead<Filter extends string>(props: PanelHeadProps<Filter>) {
  return (
    <div className={classes.panelHead}>
      <h2>{props.title}</h2>
      <Search
        label={props.label}
        value={props.search}
        onChange={props.onSearch}
        onEnter={props.onEnter}
      />
      <SegmentedControl
        size="xs"
        aria-label={props.filterLabel}
        className={classes.filter}
        value={props.filter}
        onChange={(value) => props.onFilter(value as Filter)}
        data={props.filters}
      />
      {props.children}
    </div>
  );
}
