"""Text as it is compared, not as it is shown."""

import unicodedata


def plain(text: str) -> str:
    """Lower case, without accents (ñ becomes n), white space folded."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.split())
