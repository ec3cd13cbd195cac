"""Adam (Kingma and Ba 2015), which moves of a table with sparse gradients only the rows they name.

A step of Adam passes over every row of a table, its gradient and both moments; where a batch looks
up few rows of a large table, nearly all of that is for rows whose gradient is 0. With the number of
steps growing as the events do, and the rows too, an epoch goes with the square of the events.
"""

from typing import Any

import torch


class Adam(torch.optim.Adam):
    """Adam; where a gradient is sparse, as ``torch.optim.SparseAdam``, "lazy" Adam.

    A row's moments stay as they are at steps that do not name it, and it does not move. The state
    is kept in one form for both, so what one began the other can go on with.
    """

    def step(self, closure: Any = None) -> Any:
        """Move what has a gradient; sparse gradients are gone after it."""
        with torch.no_grad():
            for group in self.param_groups:
                for table in group["params"]:
                    if table.grad is not None and table.grad.is_sparse:
                        self._move_rows(table, group)
                        table.grad = None  # the others are moved below
        return super().step(closure)

    def _move_rows(self, table: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[table]
        if not state:
            state["step"] = torch.zeros((), device="cpu")
            state["exp_avg"], state["exp_avg_sq"] = torch.zeros_like(table), torch.zeros_like(table)
        state["step"] += 1
        step, (beta1, beta2) = state["step"].item(), group["betas"]
        assert table.grad is not None
        summed = table.grad.coalesce()  # a row that was looked up several times stands there once
        rows, gradient = summed.indices()[0], summed.values()

        mean = state["exp_avg"].index_select(0, rows).lerp_(gradient, 1 - beta1)
        square = state["exp_avg_sq"].index_select(0, rows)
        square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
        state["exp_avg"].index_copy_(0, rows, mean)
        state["exp_avg_sq"].index_copy_(0, rows, square)
        length = square.sqrt_().div_((1 - beta2**step) ** 0.5).add_(group["eps"])
        table.index_add_(0, rows, mean.div_(length), alpha=-group["lr"] / (1 - beta1**step))
