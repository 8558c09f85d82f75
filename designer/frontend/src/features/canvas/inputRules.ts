/** The rules of a mapping document as a form sees them: one expression per field. Pure. */

import type { Expr, JsonSchema, MappingDocument, MappingRule } from "@/api/types";

export const EMPTY_MAPPING: MappingDocument = { schema: 1, rules: [] };

export function asMapping(value: unknown): MappingDocument {
  const candidate = value as MappingDocument | undefined;
  return candidate && Array.isArray(candidate.rules) ? candidate : EMPTY_MAPPING;
}

/** A name as path text; names with unusual characters stand in backticks. */
export function segment(name: string): string {
  return /^[A-Za-z0-9_$-]+$/.test(name) ? name : `\`${name}\``;
}

export function childPath(parent: string, name: string): string {
  return parent ? `${parent}.${segment(name)}` : segment(name);
}

function valueRule(mapping: MappingDocument, target: string): MappingRule | undefined {
  return mapping.rules.find((rule) => rule.target === target && !rule.rows);
}

export function exprAt(mapping: MappingDocument, target: string): Expr | undefined {
  const rule = valueRule(mapping, target);
  return rule?.disabled || rule?.expr?.op === "hole" ? undefined : rule?.expr;
}

function newRuleId(mapping: MappingDocument): string {
  const taken = new Set(mapping.rules.map((rule) => rule.id));
  let number = mapping.rules.length + 1;
  while (taken.has(`r${number}`)) number += 1;
  return `r${number}`;
}

/** The mapping with the field's expression set, or without its rule when there is none. */
export function withExpr(
  mapping: MappingDocument,
  target: string,
  expr: Expr | undefined,
): MappingDocument {
  const old = valueRule(mapping, target);
  if (!expr) {
    return old ? { ...mapping, rules: mapping.rules.filter((rule) => rule !== old) } : mapping;
  }
  if (old) {
    const rules = mapping.rules.map((rule) => {
      if (rule !== old) return rule;
      const { disabled: _on, ...rest } = rule;
      return { ...rest, expr };
    });
    return { ...mapping, rules };
  }
  const rule: MappingRule = { id: newRuleId(mapping), target, expr };
  // The rule for the whole document stands first: the others are laid over it.
  return { ...mapping, rules: target ? [...mapping.rules, rule] : [rule, ...mapping.rules] };
}

/** Whether rules in the mapper fill rows of this list. */
export function hasRows(mapping: MappingDocument, target: string): boolean {
  return mapping.rules.some((rule) => rule.rows && rule.target === target);
}

/** How many rules fill this field or something inside it. */
export function rulesWithin(mapping: MappingDocument, target: string): number {
  return mapping.rules.filter(
    (rule) =>
      !rule.disabled &&
      (rule.target === target ||
        rule.target.startsWith(`${target}.`) ||
        rule.target.startsWith(`${target}[`)),
  ).length;
}

// ---- reading a JSON Schema ------------------------------------------------------------------

/** The schema itself: `$ref` followed, `allOf` merged, `null` alternatives put aside. */
export function resolve(schema: JsonSchema | undefined, root: JsonSchema, depth = 0): JsonSchema {
  if (!schema || depth > 12) return {};
  if (schema.$ref) {
    const name = schema.$ref.split("/").pop() ?? "";
    const { $ref: _ref, ...own } = schema;
    return { ...resolve(root.$defs?.[decodeURIComponent(name)], root, depth + 1), ...own };
  }
  if (schema.allOf) {
    const { allOf, ...own } = schema;
    const parts = allOf.map((part) => resolve(part, root, depth + 1));
    return Object.assign({}, own, ...parts, {
      properties: Object.assign({}, own.properties, ...parts.map((part) => part.properties)),
      required: [own, ...parts].flatMap((part) => part.required ?? []),
    }) as JsonSchema;
  }
  const choices = (schema.anyOf ?? schema.oneOf)?.filter((part) => part.type !== "null");
  if (choices?.length === 1 && !schema.properties) {
    const { anyOf: _any, oneOf: _one, ...own } = schema;
    return { ...resolve(choices[0], root, depth + 1), ...own };
  }
  return schema;
}

export function typeOf(schema: JsonSchema): string {
  if (Array.isArray(schema.type)) return schema.type.find((type) => type !== "null") ?? "any";
  if (schema.type) return schema.type;
  if (schema.properties) return "object";
  if (schema.items) return "array";
  return "any";
}

export interface FormField {
  name: string;
  path: string;
  title: string;
  schema: JsonSchema;
  type: string;
  required: boolean;
}

/** The fields directly inside an object schema: required ones first, read-only ones left out. */
export function fieldsOf(schema: JsonSchema, root: JsonSchema, parent = ""): FormField[] {
  const resolved = resolve(schema, root);
  const required = new Set(resolved.required ?? []);
  const fields = Object.entries(resolved.properties ?? {})
    .map(([name, raw]) => {
      const property = resolve(raw, root);
      return {
        name,
        path: childPath(parent, name),
        title: property.title ?? name,
        schema: property,
        type: typeOf(property),
        required: required.has(name),
      };
    })
    .filter((field) => !field.schema.readOnly);
  return [...fields.filter((f) => f.required), ...fields.filter((f) => !f.required)];
}

/** How many required fields of a target are filled: "n of m". Optional objects count once used. */
export function requiredFilled(
  mapping: MappingDocument,
  schema: JsonSchema,
): { filled: number; total: number } {
  const whole = Boolean(exprAt(mapping, ""));
  let filled = 0;
  let total = 0;
  const visit = (part: JsonSchema, parent: string, depth: number) => {
    for (const field of fieldsOf(part, schema, parent)) {
      const used = rulesWithin(mapping, field.path) > 0;
      if (field.required && field.type === "object" && field.schema.properties && depth < 6) {
        if (exprAt(mapping, field.path)) {
          total += 1;
          filled += 1;
        } else visit(field.schema, field.path, depth + 1);
      } else if (field.required) {
        total += 1;
        if (used || whole) filled += 1;
      } else if (used && field.type === "object" && !exprAt(mapping, field.path) && depth < 6) {
        visit(field.schema, field.path, depth + 1);
      }
    }
  };
  visit(schema, "", 0);
  return { filled, total };
}
