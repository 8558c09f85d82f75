/** The newest values, for the lines, which show them before the rest of the screen does. */

import { createContext, useContext } from "react";
import type { Preview } from "./types";

export const Fresh = createContext<Preview | undefined>(undefined);

export const useFresh = (): Preview | undefined => useContext(Fresh);
