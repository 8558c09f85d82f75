export { ConnectorsPage } from "./ConnectorsPage";
export { NewConnectorPage } from "./NewConnectorPage";
export { OwnConnectorPage } from "./OwnConnectorPage";
