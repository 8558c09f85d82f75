/** Who is logged in, and what they may do where. */

export interface Environment {
  slug: string;
  name: string;
  is_production?: boolean;
  /** What the person may do in this environment. */
  rights?: string[];
}

export interface Workspace {
  slug: string;
  name: string;
  role: string;
  rights: string[];
  environments: Environment[];
}

export interface Me {
  user: { id: string; name: string; email: string };
  workspaces: Workspace[];
}
