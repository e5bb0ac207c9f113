"""What our graph components have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage

Rules = TypeVar("Rules", bound="RuleComponent")
Trained = TypeVar("Trained", bound="TrainedComponent")


class RuleComponent(GraphComponent):
    """Works by rules: there is nothing to configure, train or load."""

    @classmethod
    def create(
        cls: type[Rules],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Rules:
        return cls()


class TrainedComponent(GraphComponent):
    """Learns from the training data; what it learned is a folder in the model."""

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls: type[Trained],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Trained:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls: type[Trained],
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Trained:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.open(folder)
        return component

    def open(self, folder: Path) -> None:
        """Reads what `train` wrote into the folder."""
        raise NotImplementedError
