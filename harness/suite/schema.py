"""The JSON schema of a suite: its own fields, and under each `use:` the parameters of that plugin.

strategies:
  - use: few-shot
    with: {shots: -1}      <- an editor underlines it: at least 0
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from harness import suite
from harness.docstrings import attributes, summary
from harness.plugins import Registered, Registry
from harness.records import Kind

Schema = dict[str, Any]  # JSON schema has no type of its own


def suite_schema(registry: Registry) -> Schema:
    """The schema of a suite for an editor to complete and check by, with all that is registered."""
    made = suite.Suite.model_json_schema(by_alias=True)
    definitions: Schema = made["$defs"]
    _describe(made, suite.Suite)
    for name, each in definitions.items():
        model = getattr(suite, name, None)
        if isinstance(model, type) and issubclass(model, BaseModel):
            _describe(each, model)
    _name_uses(definitions, "StrategyEntry", registry.strategies)
    # A model's `use` has other choices than a strategy's, so it has a definition of its own.
    definitions["ModelEntry"] = definitions.pop("Use")
    _name_uses(definitions, "ModelEntry", registry.models)
    definitions["ModelEntry"]["title"] = "ModelEntry"
    made["properties"]["models"]["additionalProperties"] = {"$ref": "#/$defs/ModelEntry"}
    definitions["Task"]["allOf"] = [_metrics_of(kind, registry) for kind in get_args(Kind)]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _describe(schema: Schema, model: type[BaseModel]) -> None:
    """Puts a docstring's sentences beside the fields that they are about."""
    schema["description"] = summary(model)
    told = {name: text for base in reversed(model.__mro__) for name, text in attributes(base).items()}
    for name, info in model.model_fields.items():
        shown = schema.get("properties", {}).get(info.alias or name)
        if shown is not None and name in told:
            shown.setdefault("description", told[name])


def _name_uses(definitions: Schema, entry: str, known: Mapping[str, Registered[Any]]) -> None:
    schema = definitions[entry]
    schema["properties"]["use"] = {
        **schema["properties"]["use"],
        "anyOf": [{"enum": sorted(known)}, {"pattern": ":"}],
    }
    schema["allOf"] = []
    for name, registered in sorted(known.items()):
        params = _params(definitions, f"{entry}.{name}", registered.item)
        chosen = {"properties": {"use": {"const": name}}, "required": ["use"]}
        schema["allOf"].append({"if": chosen, "then": _then(params, entry == "StrategyEntry")})


def _then(params: Schema, has_matrix: bool) -> Schema:
    required = params.pop("required", [])
    complete: Schema = {"properties": {"with": {"required": required}}, "required": ["with"]} if required else {}
    if not has_matrix:
        return {"properties": {"with": params}, **({"allOf": [complete]} if complete else {})}
    values = {name: {"type": "array", "minItems": 1, "items": each} for name, each in params["properties"].items()}
    told: Schema = {"with": params, "matrix": {"properties": values, "additionalProperties": False}}
    # What a matrix varies need not stand in `with`.
    varied = {"if": {"not": {"required": ["matrix"]}}, "then": complete}
    return {"properties": told, **({"allOf": [varied]} if complete else {})}


def _params(definitions: Schema, place: str, model: type[BaseModel]) -> Schema:
    """A plugin's parameters; records nested in them become definitions under the plugin's own name."""
    params = model.model_json_schema(by_alias=True, ref_template=f"#/$defs/{place}.{{model}}")
    for name, each in params.pop("$defs", {}).items():
        definitions[f"{place}.{name}"] = each
    params.setdefault("properties", {})
    _describe(params, model)
    return params


def _metrics_of(kind: Kind, registry: Registry) -> Schema:
    figures = sorted({f for r in registry.scorers.values() if kind in r.item.kinds for f in r.item.figures})
    return {
        "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
        "then": {"properties": {"metric": {"enum": [*figures, None]}}},
    }
