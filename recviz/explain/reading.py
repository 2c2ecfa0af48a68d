"""Read an explanation back from the JSON that it was written as."""

import json
import types
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from recviz.errors import InvalidSettingError
from recviz.explain.explanation import FORMAT, Explanation
from recviz.language import tr


def explanation_from_json(text: str | bytes) -> Explanation:
    """Return the explanation that `Explanation.to_json` wrote; equal to it, number by number.

    Raises:
        InvalidSettingError: If the text is not an explanation, or one of another format.
    """
    try:
        plain = json.loads(text)
        if plain["format"] != FORMAT:
            raise InvalidSettingError.of(
                tr("This explanation is of format {found}").format(found=plain["format"]),
                tr("this recviz reads {format}").format(format=FORMAT),
                tr("Explain again"),
            )
        found: Explanation = _built(
            Explanation, {name: plain[name] for name in (spec.name for spec in fields(Explanation))}
        )
    except (ValueError, TypeError, KeyError) as error:
        raise InvalidSettingError.of(tr("This is no explanation"), str(error), tr("Export one as JSON")) from error
    return found


def _built(kind: Any, plain: Any) -> Any:  # noqa: ANN401 - what JSON holds, by what a field says it is
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{spec.name: _built(hints[spec.name], plain[spec.name]) for spec in fields(kind)})
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return None if plain is None else _built(next(part for part in arguments if part is not type(None)), plain)
    if origin is tuple:
        return tuple(_built(arguments[0], part) for part in plain)
    if origin is Literal:
        if plain not in arguments:
            raise ValueError(f"{plain!r} is none of {arguments}")
        return plain
    return float(plain) if kind is float else plain
