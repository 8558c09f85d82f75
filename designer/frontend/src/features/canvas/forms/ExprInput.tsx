import type { Expr, JsonSchema } from "@/api/types";
import { ExpressionField } from "@/features/mapper/ExpressionField";
import { useForm } from "./FormContext";
import { helpBeside } from "./formSchema";
import classes from "./forms.module.css";

interface ExprInputProps {
  label: string;
  value: Expr | undefined;
  onChange: (value: Expr | undefined) => void;
  schema?: JsonSchema;
  required?: boolean;
  description?: string;
  placeholder?: string;
}

/** A labelled field of a form: a fixed value, a field of the data, or an expression. */
export function ExprInput(props: ExprInputProps) {
  const { label, value, onChange, schema, required } = props;
  const description = helpBeside(label, props.description);
  const { sources, context, readOnly } = useForm();
  return (
    <div className={classes.field} inert={readOnly}>
      <div className={classes.label} title={description}>
        {label}
        {required && (
          <span className={classes.star} aria-hidden>
            *
          </span>
        )}
      </div>
      <ExpressionField
        label={label}
        value={value}
        onChange={onChange}
        schema={schema}
        sources={sources}
        context={context}
        placeholder={props.placeholder}
      />
      {description && <div className={classes.help}>{description}</div>}
    </div>
  );
}
