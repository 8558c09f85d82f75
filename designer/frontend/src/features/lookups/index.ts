export { LookupsPage } from "./LookupsPage";
export { ReferencesPage } from "./ReferencesPage";
export { TablePage } from "./TablePage";
