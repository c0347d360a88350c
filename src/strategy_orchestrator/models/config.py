"""The options of a run."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError

from strategy_orchestrator.errors import ConfigError, Fault, InputError, unknown_name
from strategy_orchestrator.models.contracts import ConflictResolver, CostModel, Rebalancer, Sizer
from strategy_orchestrator.models.validation import faults_of
from strategy_orchestrator.money import FRACTION_SCALE, SCALE, plain, to_exact, to_steps

_LEVELS: Final = ("CRITICAL", "DEBUG", "ERROR", "INFO", "WARNING")


def _number(value: object) -> Decimal:
    return to_exact(value, "")


def _level(value: object) -> str:
    name = str(value)
    if name not in _LEVELS:
        raise InputError(unknown_name("", "logging level", name, _LEVELS))
    return name


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise InputError(Fault("", f"{value} is negative; 0 or more is allowed"))
    return value


def _share(value: Decimal) -> Decimal:
    if not 0 <= value <= 1:
        raise InputError(Fault("", f"{value} is not between 0 and 1", "Write a fraction: 0.001 is 0.1 %"))
    return value


def _fraction(value: Decimal) -> Decimal:
    to_steps(value, FRACTION_SCALE, "")
    if not 0 <= value < 1:
        raise InputError(Fault("", f"{value} is not from 0 to below 1", "Write a fraction: 0.001 is 0.1 %"))
    return value


def _money(value: Decimal) -> Decimal:
    to_steps(value, SCALE, "")
    return _not_negative(value)


def _lot(value: object, symbol: str = "") -> Decimal:
    of_symbol = f" for {symbol}" if symbol else ""
    number = to_exact(value, "")
    to_steps(number, SCALE, "")
    if number <= 0:
        raise InputError(Fault("", f"{value}{of_symbol} is not greater than 0"))
    return number


def _lots(value: object) -> Decimal | dict[str, Decimal]:
    if isinstance(value, Mapping):
        return {str(symbol): _lot(lot, str(symbol)) for symbol, lot in value.items()}
    return _lot(value)


def _rate(value: Decimal) -> Decimal:
    if value > 1:
        raise InputError(Fault("", f"{value} is above 1: is this a percentage?", "0.02 is 2 % a year"))
    if value <= -1:
        raise InputError(Fault("", f"{value} is not above -1", "0.02 is 2 % a year"))
    return value


def _names(value: object) -> tuple[str, ...]:
    items: list[object] = [*value] if isinstance(value, list | tuple) else [str(value)]
    names: list[str] = []
    for item in items:
        if not isinstance(item, str) or not item:
            raise InputError(Fault("", f"{item!r} is no name", 'Write a list: ["ulcer-index"]'))
        if items.count(item) > 1:
            raise InputError(Fault("", f"{item!r} is there twice"))
        names.append(item)
    return tuple(names)


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise InputError(Fault("", f"{value} is not greater than 0"))
    return value


def _has(method: str, what: str) -> AfterValidator:
    def check(value: object) -> object:
        if value is None or isinstance(value, str) or callable(getattr(value, method, None)):
            return value
        problem = f"{value!r} is neither the name of a {what} nor an object with a method {method!r}"
        raise InputError(Fault("", problem))

    return AfterValidator(check)


_Number = Annotated[Decimal, BeforeValidator(_number)]
_Fraction = Annotated[_Number, AfterValidator(_fraction)]
_Money = Annotated[_Number, AfterValidator(_money)]


class OrchestratorConfig(BaseModel):
    """Hold the options of a run; frozen, and every unknown key or value is refused.

    Attributes
    ----------
    conflict_resolution_mode : str or ConflictResolver
        FIRST_WINS, NET_SIGNAL, CANCEL_BOTH, the name of a registered resolver, or a resolver.
    rebalance_threshold : Decimal
        Drift of a sleeve's share from its weight that triggers rebalancing, in [0, 1]. Rebalancing is off unless this
        or `rebalancer` is given.
    logging_level : str
        DEBUG, INFO, WARNING, ERROR or CRITICAL. It governs the log; the record is always whole.
    fill_at : {"next_open", "close"}
        When orders fill: at the open of the next bar, or at the close of the deciding one.
    commission_per_trade, commission_per_share : Decimal
        Money for each fill and for each unit of quantity, 0 or more, at most six decimals.
    commission_pct, slippage_pct : Decimal
        Fractions of the notional and of the price, from 0 to below 1, at most twelve decimals: 0.001 is 0.1 %.
    cost_model : str, CostModel or None
        What computes the costs, in place of the four options above.
    sizer : str, Sizer or None
        What an entry may use; by default equal slots of the sleeve, one a symbol.
    profit_policy : {"compound", "sweep"}
        Whether gains stay in the sleeve or go to the reserve.
    lot_size : Decimal or mapping of Decimal
        Smallest quantity that can be held, greater than 0, at most six decimals; for all symbols or by symbol
        (others: 1).
    rebalancer : str, Rebalancer or None
        THRESHOLD, the name of a registered rebalancer, or a rebalancer.
    close_at_end : bool
        Close open positions at the last close (`end_of_data`), or mark them.
    on_strategy_error : {"stop", "quarantine"}
        Fail the run when a strategy raises, or close its sleeve and go on. The latter gives each strategy prices and
        random numbers of its own, so that the others are what they would be without it.
    strategy_time_limit : Decimal or None
        Seconds that a strategy may take for one answer, greater than 0; `orchestrate run` ends the run then, whatever
        the strategy does. In a program of your own an answer that comes too late is an error of the strategy.
    risk_free_rate : Decimal
        Annual, effective, above -1 and at most 1: 0.02 is 2 %.
    periods_per_year : Decimal or None
        Valuation days a year for annualized measures, greater than 0; from the calendar or the timestamps when None.
    calendar : str or None
        Trading calendar, for instance XNYS; the source's when None.
    metrics : tuple of str
        Names of measures of plug-ins that are to be taken.
    seed : int
        From 0 up; plug-ins whose parameters have a field `seed` get it unless one is given. Nothing in the box draws
        random numbers.

    Raises
    ------
    ConfigError
        With one fault for each wrong field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    conflict_resolution_mode: Annotated[str | ConflictResolver | Any, _has("resolve", "resolver")] = "FIRST_WINS"
    rebalance_threshold: Annotated[_Number, AfterValidator(_share)] = Decimal("0.10")
    logging_level: Annotated[str, BeforeValidator(_level)] = "INFO"
    fill_at: Literal["next_open", "close"] = "next_open"
    commission_per_trade: _Money = Decimal(0)
    commission_per_share: _Money = Decimal(0)
    commission_pct: _Fraction = Decimal(0)
    slippage_pct: _Fraction = Decimal(0)
    cost_model: Annotated[str | CostModel | Any | None, _has("costs", "cost model")] = None
    sizer: Annotated[str | Sizer | Any | None, _has("fractions", "sizer")] = None
    profit_policy: Literal["compound", "sweep"] = "compound"
    lot_size: Annotated[Decimal | dict[str, Decimal], PlainValidator(_lots)] = Decimal(1)
    rebalancer: Annotated[str | Rebalancer | Any | None, _has("propose", "rebalancer")] = None
    close_at_end: bool = True
    on_strategy_error: Literal["stop", "quarantine"] = "stop"
    strategy_time_limit: Annotated[_Number, AfterValidator(_positive)] | None = None
    risk_free_rate: Annotated[_Number, AfterValidator(_rate)] = Decimal(0)
    periods_per_year: Annotated[_Number, AfterValidator(_positive)] | None = None
    calendar: str | None = None
    metrics: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    seed: int = Field(default=0, ge=0)

    if not TYPE_CHECKING:

        def __init__(self, **values: Any) -> None:
            """Check all fields at once."""
            try:
                super().__init__(**values)
            except ValidationError as error:
                raise ConfigError(faults_of(error, "", type(self))) from None

    @property
    def is_rebalancing(self) -> bool:
        """Whether a rebalancer is named or a threshold was given."""
        return self.rebalancer is not None or "rebalance_threshold" in self.model_fields_set

    def resolved(self) -> dict[str, object]:
        """Return every option as JSON can hold it, objects by the name of their class."""
        return {name: _writable(getattr(self, name)) for name in type(self).model_fields}


def _writable(value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        return {str(key): _writable(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_writable(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    return f"{type(value).__module__}.{type(value).__qualname__}"
