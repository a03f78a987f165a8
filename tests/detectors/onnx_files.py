"""Small real ONNX files: a fixed answer whatever the picture, so that loading and reading are tested, not seeing."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def constant_model(
    path: Path, outputs: dict[str, np.ndarray], size: tuple[int, int] = (96, 160), names: str | None = None
) -> Path:
    """A model with input `images` [1, 3, h, w] and constant outputs; `names` is its label metadata."""
    graph = helper.make_graph(
        [helper.make_node("Identity", [f"{name}_is"], [name]) for name in outputs],
        "constant",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, *size])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(value.shape)) for name, value in outputs.items()],
        [numpy_helper.from_array(value.astype(np.float32), f"{name}_is") for name, value in outputs.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    if names is not None:
        helper.set_model_props(model, {"names": names})
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def picture_model(path: Path, inputs: list[str]) -> Path:
    """A model whose inputs are not one picture."""
    graph = helper.make_graph(
        [helper.make_node("Identity", [inputs[0]], ["out"])],
        "odd",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3]) for name in inputs],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3])],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path
