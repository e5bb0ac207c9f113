"""Orders, their lines, states, invoices and payments."""

from __future__ import annotations

from decimal import Decimal

from demo.qloapps.booking_request import BookingRequest
from demo.qloapps.errors import PhpDied
from demo.qloapps.pricing import money
from demo.qloapps.resources import Row
from demo.qloapps.state import State

AWAITING_PAYMENT, PAID, CANCELLED, REFUNDED, PARTIALLY_PAID = "1", "2", "4", "5", "8"
DEFAULT_PAYMENT = "Order from API"
NO_TIME = "0000-00-00 00:00:00"


def new_order(state: State, request: BookingRequest, customer: Row, cart: int) -> Row:
    """An order without lines and totals, awaiting payment."""
    now = state.now()
    order = {
        "id_address_delivery": "0",
        "id_address_invoice": "0",
        # The hotels' addresses come right after the first customer's.
        "id_address_tax": str(int(request.id_hotel) + 1),
        "id_cart": str(cart),
        "id_currency": "1",
        "id_lang": request.id_language,
        "id_customer": str(customer["id"]),
        "current_state": AWAITING_PAYMENT,
        "module": "wsorder",
        "invoice_number": "0",
        "invoice_date": NO_TIME,
        "valid": "0",
        "date_add": now,
        "date_upd": now,
        "transaction_id": None,
        "secure_key": customer["secure_key"],
        "payment": request.payment_method or DEFAULT_PAYMENT,
        "payment_type": request.payment_type,
        "total_discounts": money(Decimal(0)),
        "total_discounts_tax_incl": money(Decimal(0)),
        "total_discounts_tax_excl": money(Decimal(0)),
        "total_paid": money(Decimal(0)),
        "total_paid_tax_incl": money(Decimal(0)),
        "total_paid_tax_excl": money(Decimal(0)),
        "total_paid_real": money(Decimal(0)),
        "total_products": money(Decimal(0)),
        "total_products_wt": money(Decimal(0)),
        "conversion_rate": "1.000000",
        "source": request.source,
        "reference": state.surroundings.new_reference(),
        "is_advance_payment": "0",
        "advance_paid_amount": money(Decimal(0)),
        "with_occupancy": "0",
        "associations": {},
        "_remarks": [request.remark] if request.remark else [],
    }
    return state.insert("orders", order)


def room_bookings(state: State, order: Row) -> list[Row]:
    return state.rows("room_bookings", id_order=order["id"])


def count_up(state: State, order: Row) -> None:
    """Bring totals and the list of room bookings up to date."""
    without, total = Decimal(0), Decimal(0)
    for booking in room_bookings(state, order):
        without += Decimal(booking["total_price_tax_excl"]) + Decimal(booking["_extras_excl"])
        total += Decimal(booking["total_price_tax_incl"]) + Decimal(booking["_extras_incl"])
    for name in ("total_paid", "total_paid_tax_incl", "total_products_wt"):
        order[name] = money(total)
    for name in ("total_paid_tax_excl", "total_products"):
        order[name] = money(without)
    order["associations"] = {
        "bookings": [{"id": str(booking["id"])} for booking in room_bookings(state, order)]
    }
    order["date_upd"] = state.now()


def add_history(state: State, order: Row, new_state: str) -> Row:
    """Note a state in the order's history and take it as the present one."""
    entry = {
        "id_employee": "0",
        "id_order_state": new_state,
        "id_order": str(order["id"]),
        "date_add": state.now(),
    }
    order["current_state"] = new_state
    order["date_upd"] = state.now()
    described = state.one("order_states", id=new_state)
    order["valid"] = "1" if described["logable"] == "1" and new_state == PAID else "0"
    if described["invoice"] == "1" and order["invoice_number"] == "0":
        _add_invoice(state, order)
    return state.insert("order_histories", entry)


def change_state(state: State, order: Row, new_state: str) -> Row:
    """Move an order to another state; cancelling and refunding free its rooms.

    Raises PhpDied with status 200 when there is no such state.
    """
    if not state.rows("order_states", id=new_state):
        raise PhpDied(200, "Invalid new order status")
    for booking in room_bookings(state, order):
        if new_state in (CANCELLED, REFUNDED):
            booking["is_refunded"] = "1"
            booking["date_upd"] = state.now()
        if new_state == CANCELLED:
            booking["is_cancelled"] = "1"
    return add_history(state, order, new_state)


def pay(state: State, order: Row, request: BookingRequest) -> bool:
    """Take the payment that came with a booking. Returns whether it is a part only."""
    total = Decimal(order["total_paid"])
    at_once = request.status == "2" or request.payment_status == "1"
    if at_once or (request.paid > 0 and request.paid >= total):
        _add_payment(state, order, total, DEFAULT_PAYMENT, "1", "")
        add_history(state, order, AWAITING_PAYMENT)
        add_history(state, order, PAID)
    elif request.paid > 0:
        method, kind = order["payment"], request.payment_type
        _add_payment(state, order, request.paid, method, kind, request.transaction_id)
        add_history(state, order, PARTIALLY_PAID)
        # The original uses up a second number here, as the later invoices show.
        state.next_number("invoices")
        return True
    else:
        add_history(state, order, AWAITING_PAYMENT)
    return False


def _add_payment(
    state: State, order: Row, amount: Decimal, method: str, kind: str, transaction: str
) -> None:
    order["total_paid_real"] = money(amount)
    state.insert(
        "order_payments",
        {
            "order_reference": order["reference"],
            "id_currency": "1",
            "amount": f"{amount:.2f}",
            "payment_method": method,
            "payment_type": kind,
            "conversion_rate": "1.000000",
            "transaction_id": transaction,
            "card_number": "",
            "card_brand": "",
            "card_expiration": "",
            "card_holder": "",
            "date_add": state.now(),
        },
    )


def _add_invoice(state: State, order: Row) -> None:
    number, now = str(state.next_number("invoices")), state.now()
    order["invoice_number"], order["invoice_date"] = number, now
    zero = money(Decimal(0))
    state.insert(
        "order_invoices",
        {
            "id_order": str(order["id"]),
            "number": number,
            "delivery_number": "0",
            "delivery_date": NO_TIME,
            "total_discount_tax_excl": zero,
            "total_discount_tax_incl": zero,
            "total_paid_tax_excl": order["total_paid_tax_excl"],
            "total_paid_tax_incl": order["total_paid_tax_incl"],
            "total_products": order["total_products"],
            "total_products_wt": order["total_products_wt"],
            "total_shipping_tax_excl": zero,
            "total_shipping_tax_incl": zero,
            "shipping_tax_computation_method": "0",
            "total_wrapping_tax_excl": zero,
            "total_wrapping_tax_incl": zero,
            "shop_address": "QloContract",
            "invoice_address": "",
            "delivery_address": "",
            "note": "",
            "date_add": now,
        },
    )


def add_detail(
    state: State, order: Row, product: Row, quantity: int, without: Decimal, total: Decimal
) -> Row:
    """A line of the order; prices are those of the whole line."""
    is_room = "service_product_type" not in product
    zero = money(Decimal(0))
    unit, unit_incl = without / quantity, total / quantity
    return state.insert(
        "order_details",
        {
            "id_order": str(order["id"]),
            "product_id": str(product["id"]),
            "product_attribute_id": "0",
            "product_quantity_reinjected": "0",
            "group_reduction": "0.00",
            "discount_quantity_applied": "0",
            "download_hash": "",
            "download_deadline": NO_TIME,
            "id_order_invoice": "0",
            "id_warehouse": "0",
            "id_shop": "1",
            "product_name": product["name"]["1"],
            "product_quantity": str(quantity),
            "product_quantity_in_stock": str(quantity),
            "product_quantity_return": "0",
            "product_quantity_refunded": "0",
            "product_price": money(unit),
            "reduction_percent": "0.00",
            "reduction_amount": zero,
            "reduction_amount_tax_incl": zero,
            "reduction_amount_tax_excl": zero,
            "product_quantity_discount": zero,
            "is_booking_product": "1" if is_room else "0",
            "product_service_type": "0" if is_room else "1",
            "product_auto_add": product["auto_add_to_cart"],
            "product_price_addition_type": product["price_addition_type"],
            "product_allow_multiple_quantity": product["allow_multiple_quantity"],
            "product_price_calculation_method": product["price_calculation_method"],
            "product_ean13": "",
            "product_upc": "",
            "product_reference": "",
            "product_supplier_reference": "",
            "product_weight": zero,
            "tax_computation_method": "0",
            "id_tax_rules_group": product["id_tax_rules_group"],
            "ecotax": zero,
            "ecotax_tax_rate": "0.000",
            "download_nb": "0",
            "unit_price_tax_incl": money(unit_incl),
            "unit_price_tax_excl": money(unit),
            "total_price_tax_incl": money(total),
            "total_price_tax_excl": money(without),
            "total_shipping_price_tax_excl": zero,
            "total_shipping_price_tax_incl": zero,
            "purchase_supplier_price": zero,
            "original_product_price": money(unit),
            "original_wholesale_price": zero,
            "associations": {"taxes": [{"id": "2"}]},
        },
    )
