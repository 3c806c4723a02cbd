"""Encoders by ONNX Runtime, in float32 or with weights of eight bits."""
