"""Keeping the thread: yes and no, greetings, going back to where we were, and not understanding."""

import asyncio
import re

from actions._turn import HotelAction, Turn, button
from actions.answers import tell_the_rest
from actions.booking import continue_booking, forget_stay, room_buttons, stop
from actions.changes import modify_booking
from actions.confirm import try_again
from actions.existing import cancel_booking, check_booking, without_reference
from actions.handover import hand_over, offer_human
from conserje.callbacks import callbacks_of
from conserje.contact import parse_phone
from conserje.text import plain

SUGGESTIONS = {
    "ask_availability": ("Ver disponibilidad", "Quiero ver precios y disponibilidad"),
    "make_booking": ("Reservar", "Quiero reservar una habitación"),
    "check_booking": ("Ver mi reserva", "Quiero ver mi reserva"),
    "cancel_booking": ("Cancelar mi reserva", "Quiero cancelar mi reserva"),
    "modify_booking": ("Cambiar mi reserva", "Quiero cambiar mi reserva"),
    "ask_price": ("Precios", "¿Qué precios tenéis?"),
    "ask_checkin_checkout_time": ("Entrada y salida", "¿A qué hora se entra y se sale?"),
    "ask_amenities": ("Servicios del hotel", "¿Qué servicios tenéis?"),
    "ask_location": ("Dónde estáis", "¿Dónde está el hotel?"),
    "ask_policies": ("Normas del hotel", "¿Qué normas y condiciones tenéis?"),
    "ask_payment": ("Formas de pago", "¿Cómo se paga?"),
    "ask_room_info": ("Habitaciones", "¿Qué habitaciones tenéis?"),
    "request_service": ("Pedir algo", "Quiero hablar con una persona"),
    "ask_human": ("Hablar con alguien", "Quiero hablar con una persona"),
    "ask_recommendations": ("Qué hacer por aquí", "¿Qué recomendáis por aquí cerca?"),
}

_AGAIN = re.compile(
    r"\b(otra vez|de nuevo|nuevamente|reintent\w+|intent\w+|prueb\w+|prob\w+|ahora|ya)\b"
)
"""Wants another try now, rather than to be told later."""
_LATER = re.compile(r"\b(avis\w+|cuando)\b")
_SAYS_NOTHING = re.compile(r"\W*|\W*(?:(?:quier\w*|mas|una?|por favor|porfa) ?)*info\w*.{0,12}")
_PHONE = re.compile(r"\b(telefono|movil|celular|numero)\b")
CONTACT = ("guest_name", "guest_last_name", "guest_email", "guest_phone")


async def resume(turn: Turn) -> None:
    """Goes back to the question that was open, or on when the message brought news for it."""
    if turn.get("awaiting") in ("human_offer", "suggestion"):
        return
    task = turn.get("task")
    if task == "check":
        await check_booking(turn)
    elif task == "cancel":
        if turn.get("awaiting") == "cancellation_confirmation":
            turn.say("utter_resume_cancellation")
        else:
            await cancel_booking(turn)
    elif task == "modify":
        if turn.get("awaiting") == "change_confirmation":
            turn.say("utter_resume_change")
        else:
            await modify_booking(turn)
    elif task == "booking":
        await _resume_booking(turn)
    elif turn.heard("stay") and turn.stay.check_out:
        await continue_booking(turn)


async def _resume_booking(turn: Turn) -> None:
    awaiting = turn.get("awaiting")
    if turn.get("heard"):
        await continue_booking(turn)
    elif awaiting == "booking_confirmation":
        turn.say("utter_resume_confirmation")
    elif awaiting == "room_type" and turn.get("offers"):
        _ask_room(turn, "utter_resume_room_type")
    elif awaiting == "change":
        turn.say("utter_what_to_change")
    else:
        await continue_booking(turn)


def _ask_room(turn: Turn, response: str) -> None:
    turn.say(response, buttons=room_buttons(turn.get("offers") or []))


class Resume(HotelAction):
    def name(self) -> str:
        return "action_resume"

    async def act(self, turn: Turn) -> None:
        await resume(turn)


class Greet(HotelAction):
    def name(self) -> str:
        return "action_greet"

    async def act(self, turn: Turn) -> None:
        if turn.heard("stay", "party", "room_type") and not turn.get("task"):
            turn.say("utter_hello")
            await continue_booking(turn)
        elif turn.get("task"):
            turn.say("utter_greet_again")
            await resume(turn)
        else:
            turn.say("utter_greet")


class Inform(HotelAction):
    """A fact, an answer to what was asked: for whatever is under way."""

    def name(self) -> str:
        return "action_inform"

    async def act(self, turn: Turn) -> None:
        task = turn.get("task")
        awaits_booking = turn.get("awaiting") in ("booking_reference", "booking_email")
        if awaits_booking and task and not turn.get("heard"):
            without_reference(turn)
        elif task == "modify":
            await modify_booking(turn)
        elif task == "check":
            await check_booking(turn)
        elif task == "cancel":
            await cancel_booking(turn)
        elif turn.get("heard"):
            await continue_booking(turn)
        else:
            await not_understood(turn)


class HandOver(HotelAction):
    """The guest asked for a person, or said yes to one; a booking may go on meanwhile."""

    def name(self) -> str:
        return "action_hand_over"

    async def act(self, turn: Turn) -> None:
        if turn.get("awaiting") in ("human_offer", "suggestion"):
            turn.set(awaiting=None)
        hand_over(turn, reason="asked")
        if turn.get("awaiting") == "retry":
            return  # the PMS is away: nothing can go on meanwhile
        if turn.get("task") == "booking":
            turn.say("utter_meanwhile")
            await resume(turn)
        else:
            turn.set(task=None, awaiting=None)


class RequestService(HotelAction):
    """Towels, taxi, something broken: for the desk."""

    def name(self) -> str:
        return "action_request_service"

    async def act(self, turn: Turn) -> None:
        tell_the_rest(turn)
        turn.say("utter_request_noted")
        hand_over(turn, reason="service")
        await resume(turn)


class Affirm(HotelAction):
    """A yes where no rule has a better use for it."""

    def name(self) -> str:
        return "action_affirm"

    async def act(self, turn: Turn) -> None:
        task, awaiting = turn.get("task"), turn.get("awaiting")
        if awaiting == "retry":
            await _after_failure(turn)
            return
        if awaiting == "rooms" and not turn.heard("rooms", "party"):
            types, most = await turn.pms.room_types(), turn.hotel.limits.max_rooms
            turn.set(rooms=turn.stay.fewest_rooms(types, most), rooms_proposed=True)
        elif len(turn.get("offers") or []) == 1:
            turn.set(room_type=turn.get("offers")[0]["id"])
        elif awaiting == "room_type" and not turn.get("heard"):
            _ask_room(turn, "utter_which_room")
            return
        if task == "booking" or turn.heard("stay"):
            await continue_booking(turn)
        elif task:
            await resume(turn)
        elif (booking := turn.get("booking")) and booking["status"] == "confirmed":
            turn.say("utter_already_booked", reference=booking["reference"])
        else:
            turn.set(awaiting=None)
            turn.say("utter_how_can_i_help")


class Deny(HotelAction):
    def name(self) -> str:
        return "action_deny"

    async def act(self, turn: Turn) -> None:
        awaiting = turn.get("awaiting")
        if awaiting == "retry":
            turn.say("utter_no_callback")
        elif turn.get("task") == "modify":
            await _deny_change(turn)
        elif turn.get("heard"):
            await continue_booking(turn)
        elif awaiting == "guest_phone" or (awaiting in CONTACT and _PHONE.search(plain(turn.text))):
            # The PMS wants one, and the guest is free to keep theirs.
            turn.set(guest_phone=parse_phone(turn.hotel.contact.phone, turn.hotel.country))
            turn.say("utter_without_phone")
            await continue_booking(turn)
        elif awaiting in CONTACT:
            turn.say("utter_contact_needed")
            offer_human(turn)
        elif awaiting == "booking_confirmation":
            turn.set(awaiting="change")
            turn.say("utter_what_to_change")
        elif awaiting == "cancellation_confirmation":
            turn.set(task=None, awaiting=None)
            turn.say("utter_not_cancelled")
        elif awaiting in ("human_offer", "suggestion"):
            turn.set(awaiting=None)
            turn.say("utter_human_declined")
            await resume(turn)
        elif awaiting in ("dates", "room_type") and turn.get("check_in"):
            turn.set(awaiting="dates")
            turn.say("utter_ask_dates_again")
        elif awaiting == "rooms":
            turn.set(awaiting="party")
            turn.say("utter_ask_party")
        elif turn.get("task") in ("check", "cancel"):
            without_reference(turn)
        elif turn.get("task"):
            await resume(turn)
        else:
            turn.say("utter_what_else")


async def _after_failure(turn: Turn) -> None:
    """Yes to being told when the PMS is back, or another try at once."""
    said = plain(turn.text)
    if _AGAIN.search(said) and not _LATER.search(said):
        await try_again(turn)
        return
    await asyncio.to_thread(callbacks_of(turn.hotel).ask, str(turn.conversation))
    turn.say("utter_callback_promised")


async def _deny_change(turn: Turn) -> None:
    if turn.get("heard"):  # "no, mejor hasta el 15"
        await modify_booking(turn)
    elif turn.get("awaiting") in ("booking_reference", "booking_email"):
        without_reference(turn)
    else:
        stop(turn)


class Stop(HotelAction):
    def name(self) -> str:
        return "action_stop"

    async def act(self, turn: Turn) -> None:
        stop(turn)


class StartOver(HotelAction):
    """Forgets everything of this guest but a booking made."""

    def name(self) -> str:
        return "action_start_over"

    async def act(self, turn: Turn) -> None:
        forget_stay(turn)
        turn.set(guest_name=None, guest_email=None, guest_phone=None, heard=[], awaiting=None)
        turn.say("utter_start_over")
        if turn.get("task") == "booking":
            await continue_booking(turn)
        else:
            turn.set(task=None)
            turn.say("utter_how_can_i_help")


class OutOfScope(HotelAction):
    def name(self) -> str:
        return "action_out_of_scope"

    async def act(self, turn: Turn) -> None:
        if not turn.get("task") and _SAYS_NOTHING.fullmatch(plain(turn.text)):
            turn.say("utter_how_can_i_help")
            return
        misunderstandings = (turn.get("misunderstandings") or 0) + 1
        turn.set(misunderstandings=misunderstandings)
        turn.say("utter_out_of_scope")
        if misunderstandings > 1:
            offer_human(turn)
        else:
            await resume(turn)


class Fallback(HotelAction):
    def name(self) -> str:
        return "action_fallback"

    async def act(self, turn: Turn) -> None:
        await not_understood(turn)


async def not_understood(turn: Turn) -> None:
    """Asks once, with suggestions; the second time in a row offers a person."""
    misunderstandings = (turn.get("misunderstandings") or 0) + 1
    turn.set(misunderstandings=misunderstandings)
    if misunderstandings > 1:
        turn.say("utter_not_understood_again")
        offer_human(turn)
    elif turn.get("task"):
        turn.say("utter_not_understood")
        await resume(turn)
    else:
        turn.set(awaiting="suggestion")
        turn.say("utter_ask_rephrase", buttons=_suggestions(turn))


def _suggestions(turn: Turn) -> list[dict[str, str]]:
    ranking = [guess["name"] for guess in turn.message.get("intent_ranking") or []]
    likely = [name for name in ranking if name in SUGGESTIONS][:3]
    return [button(*SUGGESTIONS[name]) for name in likely]
