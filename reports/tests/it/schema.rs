//! As much of JSON Schema as `results.schema.json` uses. A word that is not known here fails the test that meets it, so that
//! nothing in the schema stands there unchecked.

use serde_json::Value;

/// Says where the value is not as the schema has it, if so.
pub(crate) fn mismatch(root: &Value, value: &Value) -> Option<String> {
    check(root, root, value, "$")
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str) -> Option<String> {
    let rules = schema.as_object().expect("a schema is an object");
    rules.iter().find_map(|(word, rule)| {
        let broken = |is_broken: bool| is_broken.then(|| format!("{at}: {word} {rule}"));
        match word.as_str() {
            "$schema" | "title" | "description" | "$defs" => None,
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                check(root, root.pointer(pointer).expect(pointer), value, at)
            }
            "const" => broken(value != rule),
            "enum" => broken(!list(rule).contains(value)),
            "type" => {
                let types = rule
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![rule.clone()]);
                broken(
                    !types
                        .iter()
                        .any(|name| is_of(value, name.as_str().unwrap())),
                )
            }
            "minimum" => broken(value.as_f64().is_some_and(|it| it < rule.as_f64().unwrap())),
            "maximum" => broken(value.as_f64().is_some_and(|it| it > rule.as_f64().unwrap())),
            "anyOf" => {
                let tried: Option<Vec<String>> = list(rule)
                    .iter()
                    .map(|it| check(root, it, value, at))
                    .collect();
                tried.map(|reasons| reasons.join(", and "))
            }
            "items" => {
                let items = value.as_array()?.iter().enumerate();
                items
                    .into_iter()
                    .find_map(|(i, it)| check(root, rule, it, &format!("{at}[{i}]")))
            }
            "required" => {
                let mut names = list(rule).iter().map(|name| name.as_str().unwrap());
                let missing = names.find(|name| value.get(name).is_none())?;
                Some(format!("{at}: no {missing}"))
            }
            "properties" => rule.as_object().unwrap().iter().find_map(|(name, rule)| {
                check(root, rule, value.get(name)?, &format!("{at}.{name}"))
            }),
            other => panic!("the schema says {other}, which nothing checks"),
        }
    })
}

fn list(rule: &Value) -> &Vec<Value> {
    rule.as_array().expect("a list")
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}
